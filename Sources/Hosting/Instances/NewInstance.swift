import Foundation
import Odoo

/// The wish for a new instance, as it comes in by one of the doors.
public struct NewInstance: Sendable, Equatable {
  /// The name, a DNS label.
  public var name: String
  /// The Odoo version; nil means the latest supported one.
  public var version: String?
  /// `community` or `enterprise`; nil means community.
  public var edition: String?
  /// `production`, `staging` or `dev`; nil means production.
  public var stage: String?
  /// The server's name or id; nil means chosen.
  public var server: String?
  /// Language of the first user; nil means `en_US`.
  public var language: String?
  /// Country of the first company.
  public var country: String?
  /// Whether demo data is loaded.
  public var demo = false
  /// Modules beside `base`.
  public var modules: [String] = []
  /// The first port of the block; nil means the next free one.
  public var basePort: Int?
  /// The settings that differ from the stage's defaults.
  public var settings = SettingsChange()

  /// A wish for an instance called `name`.
  public init(name: String) {
    self.name = name
  }

  /// The wish with everything in it read and found right.
  struct Checked {
    var name: Slug
    var version: OdooVersion
    var edition: Edition
    var stage: Stage
    var language: String
    var country: String?
    var modules: [String]
    var notes: [String]
  }

  /// Reads every field but the settings.
  ///
  /// - Throws: `HostingError` with code `invalid` that names every field at fault.
  func checked(today: Date) throws -> Checked {
    var faults = Faults()
    let month = Month(today)
    let name = faults.collect { try Slug(self.name) }
    let version = faults.collect {
      try self.version.map { try OdooVersion.parse($0) } ?? OdooVersion.defaultVersion(in: month)
    }
    let edition = faults.collect { try self.edition.map { try Edition.parse($0) } ?? .community }
    if edition == .enterprise {
      faults.add(
        "edition", "Enterprise needs your own source of Odoo Enterprise, and none is configured.",
        suggestion: "Create the instance as community.")
    }
    let stage = self.stage.map(Stage.init(rawValue:)) ?? .production
    if stage == nil {
      faults.add("stage", "There is no stage “\(self.stage ?? "")”; choose production, staging or dev.")
    }
    let language = faults.collect { try LanguageCode(self.language ?? "en_US").text }
    if let version, let code = try? LanguageCode(language ?? "en_US"), let problem = code.problem(in: version)
    {
      faults.add(problem)
    }
    let country = faults.collect { try self.country.map { try CountryCode($0).text } }
    let modules = faults.collect {
      try Set(self.modules.map { try ModuleName($0).text }).subtracting(["base"]).sorted()
    }
    try faults.throwIfAny()
    guard let name, let version, let edition, let stage, let language, let country, let modules else {
      throw HostingError(.internal, "A request was refused without a reason.")
    }
    return Checked(
      name: name, version: version, edition: edition, stage: stage, language: language, country: country,
      modules: modules, notes: [version.supportNotice(in: month)].compactMap { $0 })
  }
}
