import Crypto
import Docker
import Foundation
import Odoo
import Remote

/// A database cluster and its files, made once for every combination of images, modules, language, country
/// and demo data, from which the databases of new instances are copied: `odoo -i base` takes minutes or
/// seconds, a copy less than one.
struct PreparedDatabase: Sendable {
  /// Names the combination.
  let key: String
  let version: OdooVersion
  let images: ImageIDs
  /// How it is filled.
  let initialisation: Initialisation

  /// - Parameter installation: part of the key, so that two installations on one host do not meet.
  init(version: OdooVersion, origin: DatabaseOrigin, images: ImageIDs, installation: UUID) throws {
    self.version = version
    self.images = images
    initialisation = Initialisation(
      version: version, database: Self.database, modules: try origin.modules.map { try ModuleName($0) },
      language: try LanguageCode(origin.language), country: try origin.country.map { try CountryCode($0) },
      demoData: origin.demo)
    let parts = [installation.uuidString, images.odoo, images.database, initialisation.contentKey]
    let hash = SHA256.hash(data: Data(parts.joined(separator: "\n").utf8))
    key = hash.prefix(8).map { String(format: "%02x", $0) }.joined()
  }

  /// The name of the database inside, until a copy gets its own.
  static let database = DatabaseName(slug)
  /// The name of the role inside.
  static let role = RoleName(slug)
  private static let slug: Slug = {
    guard let slug = try? Slug("prepared") else { preconditionFailure("“prepared” is a DNS label") }
    return slug
  }()

  /// Role and database inside, with a password for the role.
  func newDatabase(password: Secret) -> NewDatabase {
    NewDatabase(name: Self.database, owner: Self.role, password: ConfSecret(password.reveal()))
  }

  var cluster: String { "odeum-prepared-\(key)-db" }
  var files: String { "odeum-prepared-\(key)-data" }
  var network: String { "odeum-prepare-\(key)" }
  var databaseContainer: String { "odeum-prepare-\(key)-db" }
  /// The container of one of Odoo's runs.
  func odooContainer(_ number: Int) -> String { "odeum-prepare-\(key)-\(number)" }

  /// One line that says what is in it.
  var summary: String {
    let modules = (["base"] + initialisation.modules.map(\.text)).joined(separator: ", ")
    let country = initialisation.country.map { ", country \($0)" } ?? ""
    let demo = initialisation.demoData ? ", demo data" : ""
    return "Odoo \(version) with \(modules), \(initialisation.language)\(country)\(demo)"
  }
}
