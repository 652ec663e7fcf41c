/// One job in a list.
struct JobRow {
  var id: String
  var href: String
  var title: String
  /// What it works on, where the list is not that thing's own.
  var subject: String?
  var state: StateView
  /// Why it failed, or what it waits for.
  var reason: String?
  var who: String
  var created: Moment
  var completed: Moment?
  var took: String?
}

/// The jobs of everything one may see.
struct JobsPage: ConsolePage {
  static let template = "jobs"

  var jobs: [JobRow]
  var shown: String
  var first: String?
  var next: String?
}

extension JobsPage: DerivesValues {
  var derived: [String: Any] {
    [
      "more": first != nil || next != nil,
      "emptyText": "What is done with instances and servers is listed here, with its log.",
    ]
  }
}

/// One job with its steps and its log.
struct JobPage: ConsolePage {
  static let template = "job"

  var crumbs: [LinkView]
  var heading: String
  var state: StateView
  var who: String
  var created: Moment
  var took: String?
  var reason: String?
  /// The colour of the reason: `bad`, `warn` or `info`.
  var reasonLook: String
  var suggestion: String?
  var actions: [ActionView]
  var job: JobStepsView
  var terminal: TerminalView
}

extension JobPage: DerivesValues {
  var derived: [String: Any] { ["announcement": "\(heading): \(state.text.lowercased())."] }
}

/// The steps of a job.
struct JobStepsView {
  var state: StateView
  var steps: [Step]

  /// One step.
  struct Step {
    var name: String
    /// `pending`, `running`, `done`, `failed` or `undone`.
    var look: String
    var stateText: String
    var icon: String?
    var took: String?
    var progressText: String?
    var percent: Int?
  }
}

extension JobStepsView.Step: DerivesValues {
  var derived: [String: Any] { ["hasMore": progressText != nil || percent != nil] }
}

extension JobStepsView: DerivesValues {
  var derived: [String: Any] {
    let running = steps.first { $0.look == "running" }.map { ". Now: \($0.name)" } ?? ""
    return ["announcement": state.text + running]
  }
}

/// A log in a frame that looks like a terminal.
struct TerminalView {
  var label: String
  /// Whether new lines come in by the page's event stream.
  var follows: Bool
  /// How many lines the page keeps.
  var limit = 100_000
  /// Where the form that chooses the source goes to.
  var action: String
  var sources: [ChoiceField.Choice] = []
  /// How many lines can be asked for.
  var lengths: [ChoiceField.Choice] = []
  var refresh: String
  /// Whether it may be fetched again in intervals.
  var refreshes: Bool
  var download: String
  var lines: [Line]
  var emptyText: String
  var updated: Moment
  /// How many lines stand on the page where no script fetches the others; nil where all do.
  var shortened: String?

  /// One line.
  struct Line {
    /// `debug`, `info`, `warning`, `error` or `step`.
    var look: String
    var text: String
  }
}

extension TerminalView: DerivesValues {
  var derived: [String: Any] { ["count": "\(lines.count) line\(lines.count == 1 ? "" : "s")"] }
}
