/// How a new database is filled: language, country, demonstration data and modules.
///
/// The database itself must be there, owned by Odoo's role (`NewDatabase`); Odoo fills an empty one.
///
/// Without a country one run does everything. A country must be known before any module but `base` is
/// installed, because it decides which chart of accounts and which local modules come along
/// (`odoo/addons/account`, `ir.module.module.button_install`); so with one there are three runs: `base`, a
/// script that sets the country, and the modules.
public struct Initialisation: Hashable, Sendable {
  /// The version of Odoo.
  public var version: OdooVersion
  /// The database to fill.
  public var database: DatabaseName
  /// Modules to install besides `base`, in the order given.
  public var modules: [ModuleName]
  /// The language of the company and its users. Only this one is active then: Odoo's translations fall back
  /// to English by themselves.
  public var language: LanguageCode
  /// The country of the company; nil for none.
  public var country: CountryCode?
  /// Whether demonstration data is loaded, for these modules and all that are installed later.
  public var demoData: Bool

  /// A database with English (US), no country, and no demonstration data unless said otherwise.
  public init(
    version: OdooVersion, database: DatabaseName, modules: [ModuleName] = [],
    language: LanguageCode = .english,
    country: CountryCode? = nil, demoData: Bool = false
  ) {
    self.version = version
    self.database = database
    self.modules = modules
    self.language = language
    self.country = country
    self.demoData = demoData
  }

  /// What is wrong with the choice, before anything is run; empty where nothing is.
  public var problems: [InputProblem] {
    [language.problem(in: version)].compactMap(\.self)
  }

  /// What distinguishes the contents from those of other databases of the same image: same key, same
  /// contents.
  public var contentKey: String {
    let names = Set(modules).subtracting(Self.base).sorted().map(\.text)
    return [
      version.rawValue, language.text, country?.text ?? "-", demoData ? "demo" : "plain",
      names.joined(separator: ","),
    ].joined(separator: "/")
  }

  /// The runs, in order; each must succeed before the next. Odoo commits after each module, so a run that was
  /// cut off can be done again.
  public var runs: [OdooRun] {
    let others = others
    guard let country else {
      return [install(["base"] + others, title: "Initialise the database", withLanguage: true)]
    }
    return [
      install(["base"], title: "Initialise the database", withLanguage: true), configure(country: country),
    ]
      + (others.isEmpty ? [] : [install(others, title: "Install modules", withLanguage: false)])
  }

  private static let base: Set<ModuleName> = Set(["base"].compactMap { try? ModuleName($0) })

  /// The modules besides `base`, each once.
  private var others: [String] {
    var seen: Set = ["base"]
    return modules.map(\.text).filter { seen.insert($0).inserted }
  }

  private func install(_ modules: [String], title: String, withLanguage: Bool) -> OdooRun {
    var words = ["-d", database.text, "-i", modules.joined(separator: ",")]
    if withLanguage, language != .english { words.append("--load-language=\(language)") }
    words += demoArguments
    words += ["--stop-after-init"] + OdooRun.once
    return OdooRun(title: title, arguments: words, standardInput: nil, successMarker: nil)
  }

  /// What is said about demonstration data. `odoo.conf` may say something else, so it is said every time.
  private var demoArguments: [String] {
    switch version.demoData {
    // An empty list of modules without it: all have it.
    case .onUnlessRefused: demoData ? ["--without-demo="] : ["--without-demo=all"]
    case .offUnlessRequested: demoData ? ["--with-demo"] : ["--without-demo=True"]
    }
  }

  private func configure(country: CountryCode) -> OdooRun {
    OdooRun(
      title: "Set the country",
      arguments: ["shell", "-d", database.text] + OdooRun.once,
      standardInput: CompanyScript(country: country).text,
      successMarker: CompanyScript.successMarker)
  }
}
