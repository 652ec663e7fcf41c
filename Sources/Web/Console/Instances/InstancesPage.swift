/// The list of instances.
struct InstancesPage: ConsolePage {
  static let template = "instances"

  /// Whether there is no instance at all, so that the page says what to do first.
  var welcome = false
  var create: ActionView
  var search = ""
  var stages: [ChoiceField.Choice] = []
  var statuses: [ChoiceField.Choice] = []
  var rows: [Row] = []
  /// How many are shown, in words.
  var shown = ""
  /// The first page, where this is a later one.
  var first: String?
  var next: String?

  /// One instance.
  struct Row {
    var id: String
    var name: String
    var href: String
    /// Where it is reached, and the same without the scheme.
    var url: String
    var address: String
    var stage: String
    var stageText: String
    var state: StateView
    /// Why, said in the list only where something is wrong or under way.
    var reason: String?
    var since: Moment
    var version: String
    var edition: String
    var server: String
    /// Whether it answers, so that a link to it makes sense.
    var openable: Bool
  }
}

extension InstancesPage: DerivesValues {
  var derived: [String: Any] { ["more": first != nil || next != nil] }
}

/// The form that makes an instance.
struct NewInstancePage: ConsolePage {
  static let template = "new-instance"

  /// Names this form, so that sending it twice makes one instance.
  var key: String
  var problem: ProblemView?
  var name: TextField
  var stage: ChoiceField
  var version: ChoiceField
  var edition: ChoiceField
  var modules: TextField
  var demo: CheckField
  var language: ChoiceField
  var country: ChoiceField
  var server: ChoiceField
  var advancedOpen = false
  var port: TextField
  var workers: TextField
  var workerMemory: TextField
  var cronThreads: TextField
  var autoRestart: ChoiceField
  var odooMemory: TextField
  var databaseMemory: TextField
  var sources: ModuleSourcesField
  var odooConf: AreaField
  /// Why the plan has no room for it.
  var full: String?
  /// Why the plan leaves settings as they are.
  var untuned: String?
}

/// What is said once, after an instance was asked for.
struct CreatedPage: ConsolePage {
  static let template = "created"

  var name: String
  var href: String
  var url: String
  var address: String
  /// How far it is.
  var heading: String
  var isReady: Bool
  var isUnderWay: Bool
  /// Why it was not created.
  var failure: ProblemView?
  /// The password of Odoo's administrator, nil where it was said before.
  var password: String?
  var notes: [String]
  var job: JobStepsView
  var jobHref: String
}

extension CreatedPage: DerivesValues {
  var derived: [String: Any] {
    [
      "copyLogin": CopyView(text: "admin", what: "the user"),
      "copyPassword": CopyView(text: password ?? "", what: "the password"),
    ]
  }
}
