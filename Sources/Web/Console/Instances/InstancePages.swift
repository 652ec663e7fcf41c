/// What stands above the tabs of an instance: who it is, how it is, what can be done.
struct InstanceHeader {
  var name: String
  var stage: String
  var stageText: String
  var state: StateView
  /// Why the state is what it is.
  var reason: String
  var since: Moment
  /// The job that made the state what it is.
  var jobHref: String?
  var url: String
  var address: String
  var version: String
  var edition: String
  var server: String
  var actions: [ActionView]
  var work: Work?
  /// How the job goes on, or how it ended, that was asked for on the page before.
  var told: Told?
  /// Why the last job failed.
  var failure: Failure?
  var pending: Pending?
  /// Why its server cannot be seen, so that everything shown is as it was then.
  var outOfSight: OutOfSight?
  var tabs: [Tab]

  /// What is under way.
  struct Work {
    var title: String
    var step: String
    var count: String
    var percent: Int?
    var href: String
  }

  /// What is said of a job to the one who asked for it.
  struct Told {
    var flash: Flash
    /// Its id, by which live parts ask on.
    var job: String
  }

  /// The last job, where it failed.
  struct Failure {
    var title: String
    var reason: String
    var since: Moment?
    var href: String
  }

  /// What waits for a restart: saved settings, ports to be opened, another stage.
  struct Pending {
    var title: String
    var text: String
    var href: String
  }

  /// What is known of a server that cannot be seen.
  struct OutOfSight {
    var reason: String
    /// When it was last seen.
    var seen: Moment?
  }

  /// A link to a part of the instance.
  struct Tab {
    var id: String
    var label: String
    var icon: String
    var href: String
    var current: Bool
    /// How many jobs are under way.
    var count: Int?
  }
}

extension InstanceHeader: DerivesValues {
  var derived: [String: Any] {
    [
      "announcement": "\(name) is \(state.text.lowercased()). \(reason)",
      // What the last job failed of is said with that.
      "shownReason": reason == failure?.reason ? "" : reason,
    ]
  }
}

/// The first tab: how to reach it, what it is.
struct OverviewPage: ConsolePage {
  static let template = "instance-overview"

  var header: InstanceHeader
  /// Whether all of it is kept up to date, or only what stands around something that is said once.
  var liveBody = true
  var liveAround = false
  /// How parts on the server differ from what they should be, a sentence each.
  var drift: [DriftView] = []
  var access: [FactView]
  /// Where to ask for the password of the database.
  var reveal: String?
  /// Where the ports are bound, in words.
  var portsWhere: String
  var ports: [FactView]
  var settings: [FactView]
  var about: [FactView]
  var jobs: [JobRow]
  var queueHref: String
  var settingsHref: String
}

/// A difference between a part on the server and what it should be.
struct DriftView {
  /// What differs and what to do.
  var text: String
  var since: Moment
}

/// The jobs of an instance.
struct QueuePage: ConsolePage {
  static let template = "instance-queue"

  var header: InstanceHeader
  var liveBody = true
  var jobs: [JobRow]
  var shown: String
  var first: String?
  var next: String?
}

extension QueuePage: DerivesValues {
  var derived: [String: Any] {
    ["more": first != nil || next != nil, "emptyText": "What is done with this instance is listed here."]
  }
}

/// The log of an instance.
struct LogsPage: ConsolePage {
  static let template = "instance-logs"

  var header: InstanceHeader
  var liveBody = false
  var terminal: TerminalView?
  /// Why there is no log to show.
  var unavailable: ProblemView?
}

/// A question before something is done: a page of its own, or a dialog where a script runs.
struct AskPage: ConsolePage {
  static let template = "ask"

  var crumbs: [LinkView]
  var heading: String
  var text: String?
  var points: [String] = []
  var problem: ProblemView?
  var action: String
  var hidden: [HiddenField] = []
  var radio: ChoiceField?
  var field: TextField?
  var button: String
  /// `primary`, `warn` or `danger-solid`.
  var style = "primary"
  var cancel = "Cancel"
  var back: String

  /// A value that goes with the form.
  struct HiddenField {
    var name: String
    var value: String
  }
}
