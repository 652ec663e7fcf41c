/// The servers, each with what is used of it.
struct ServersPage: ConsolePage {
  static let template = "servers"

  var servers: [Card]

  /// One server.
  struct Card {
    var name: String
    var kind: String
    var state: StateView
    /// What is wrong, and what to do.
    var trouble: String?
    var gauges: [Gauge]
    var facts: [FactView]
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
