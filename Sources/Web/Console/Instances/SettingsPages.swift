import Hosting

/// The parts of an instance's settings, each with a form of its own.
enum SettingsPart: String, CaseIterable {
  case odoo, postgresql, packages

  var label: String {
    switch self {
    case .odoo: "Odoo"
    case .postgresql: "PostgreSQL"
    case .packages: "Packages"
    }
  }

  var icon: String {
    switch self {
    case .odoo: "instance"
    case .postgresql: "database"
    case .packages: "package"
    }
  }

  /// Where it is, below the settings of an instance.
  var path: String { self == .odoo ? "" : "/\(rawValue)" }
}

/// One part of the settings of an instance.
struct SettingsPage: ConsolePage {
  static let template = "instance-settings"

  var header: InstanceHeader
  var liveBody = false
  var parts: [InstanceHeader.Tab]
  /// Where the form goes to, and where it is fresh.
  var action: String
  var problem: ProblemView?
  /// Why the settings cannot be changed by the one who looks.
  var readOnly: String?
  /// Why the plan leaves what is tuning as it is; nil also where nothing can be changed anyway.
  var untuned: String?
  /// Which saved state the form shows.
  var revision: Int
  /// What the part is, on its button.
  var partName: String
  /// What saving the form as it was sent would bring about; nil where nobody asked.
  var preview: Preview?
  var odoo: OdooForm?
  var postgres: PostgresForm?
  var packages: PackagesForm?

  /// What saving would bring about.
  struct Preview {
    var title: String
    var effect: String
    var changes: [Change]
    var notes: [String]

    /// A setting that would change.
    struct Change: Equatable {
      var label: String
      var before: String
      var after: String
    }
  }

  /// What Odoo and its container are set to.
  struct OdooForm {
    /// What the sizing advice says.
    var advice: String
    var workers: TextField
    var workerMemory: TextField
    var cronThreads: TextField
    var timeLimits: [TextField]
    var logLevel: ChoiceField
    var databaseFilter: TextField
    var autoRestart: CheckField
    var sources: ModuleSourcesField
    var odooConf: AreaField
    var sharedAddons: FolderField
    var externalFilestore: FolderField
    var limits: [TextField]
    /// Where the form that moves it to another stage goes to.
    var stageAction: String
    var stage: ChoiceField
  }

  /// What PostgreSQL and its container are set to.
  struct PostgresForm {
    var extensions: AreaField
    var conf: AreaField
    var limits: [TextField]
  }

  /// What is installed beside what the images bring.
  struct PackagesForm {
    var odoo: AreaField
    var python: AreaField
    var database: AreaField
  }
}
