/// What the mail catcher of an instance holds.
struct MailPage: ConsolePage {
  static let template = "instance-mail"

  var header: InstanceHeader
  var liveBody = false
  var messages: [Row] = []
  /// `12 messages`.
  var shown = ""
  var clear: ActionView?
  var refresh: String
  var first: String?
  var next: String?
  /// Why there is no inbox to show.
  var unavailable: ProblemView?

  /// One message.
  struct Row {
    var href: String
    var subject: String
    var from: String
    var to: String
    var received: Moment
    /// `2 files`; nil where there are none.
    var files: String?
  }
}

extension MailPage: DerivesValues {
  var derived: [String: Any] { ["more": first != nil || next != nil] }
}

/// One caught message.
struct MailMessagePage: ConsolePage {
  static let template = "instance-mail-message"

  var header: InstanceHeader
  var liveBody = false
  var subject: String
  var facts: [FactView]
  var back: String
  /// Where its HTML is, for a frame in which it can do nothing; nil where it has none.
  var bodyHref: String?
  var text: String?
  /// The addresses that its HTML links to.
  var links: [String]
  var files: [File]
  var headers: [FactView]

  /// A file in it.
  struct File {
    var name: String
    var size: String
    var href: String
  }
}
