/// The first page: how everything stands, what needs somebody, what was done last.
struct DashboardPage: ConsolePage {
  static let template = "dashboard"

  /// Whether there is no instance at all, so that the page says what to do first.
  var welcome = false
  var create: ActionView
  var tiles: [Tile]
  /// What the organisation's plan allows and how much of it is used; nil where there is no plan to speak of.
  var plan: Plan?
  var attention: [Attention]
  /// How many more there are than are shown, in words.
  var attentionMore: String?
  var jobs: [JobRow]

  /// One number with what it is made of.
  struct Tile {
    var label: String
    var value: String
    /// Where the whole list is.
    var href: String?
    var icon: String
    var parts: [Part]

    /// One part of the number, with the colour of its dot.
    struct Part {
      var look: String
      var text: String
      var href: String?
    }
  }

  /// Something that needs a person.
  struct Attention {
    /// `bad` or `warn`.
    var look: String
    var icon: String
    var title: String
    /// Where more of it is.
    var href: String?
    var text: String
    var since: Moment?
  }

  /// The plan and what is used of it.
  struct Plan {
    var name: String
    var gauges: [ServersPage.Gauge]
  }
}

extension DashboardPage: DerivesValues {
  var derived: [String: Any] {
    [
      "announcement": attention.isEmpty
        ? "Nothing needs attention." : countText(attention.count, "thing") + " need attention."
    ]
  }
}
