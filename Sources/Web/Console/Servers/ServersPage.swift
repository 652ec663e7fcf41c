/// The servers, each with what is used of it.
struct ServersPage: ConsolePage {
  static let template = "servers"

  var servers: [Card]
  var add: ActionView?
  /// What is on them and belongs to nothing, for those who may remove it.
  var strays: StraysView?

  /// One server.
  struct Card {
    var name: String
    var kind: String
    var state: StateView
    /// What is wrong, and what to do.
    var trouble: String?
    var gauges: [Gauge]
    var facts: [FactView]
    /// Where everything about it is.
    var href: String?
    /// What is wanted with it, where that is not that it takes new instances.
    var mode: String?
  }

  /// How much of something is used.
  struct Gauge {
    var label: String
    var value: String
    var percent: Int

    /// The gauge of `used` out of `total`, nil where either is not known.
    init?(_ label: String, used: Int?, total: Int?, text: (Int, Int) -> String) {
      guard let used, let total, total > 0 else { return nil }
      self.label = label
      value = text(used, total)
      percent = min(100, max(0, used * 100 / total))
    }
  }
}

extension ServersPage.Gauge: DerivesValues {
  var derived: [String: Any] { ["look": percent >= 92 ? "bad" : percent >= 80 ? "warn" : "good"] }
}

/// Everything about one server.
struct ServerPage: ConsolePage {
  static let template = "server"

  var name: String
  var kind: String
  var state: StateView
  var mode: String?
  var reason: String
  /// Whether the reason is bad news.
  var trouble: Bool
  var actions: [ActionView]
  var work: Work?
  /// The key that somebody still has to put there.
  var waitingKey: WaitingKey?
  var gauges: [ServersPage.Gauge]
  var machine: [FactView]
  var access: [FactView]
  var note: String?
  var instances: [Row]
  var others: String?
  /// What is on it and belongs to nothing, for those who may remove it.
  var strays: StraysView?
  var jobs: [JobRow]

  /// A job that is under way.
  struct Work {
    var title: String
    var href: String
  }

  /// A public key, and where it goes.
  struct WaitingKey {
    var file: String
    var copy: CopyView
  }

  /// One of its instances.
  struct Row {
    var name: String
    var href: String
    var stage: String
    var stageText: String
    var state: StateView
  }
}

extension ServerPage: DerivesValues {
  var derived: [String: Any] {
    [
      "announcement": "\(name): \(state.text.lowercased()).", "more": false,
      "emptyText": "Validating and preparing this server is listed here.",
    ]
  }
}
