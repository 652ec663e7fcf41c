/// How text is marked on a terminal: with colours and symbols where it has them, with plain letters where not.
struct Style: Sendable {
  /// Nothing but plain letters.
  static let plain = Style(hasColour: false, isUnicode: false)

  let hasColour: Bool
  let isUnicode: Bool

  /// A colour of the terminal's own palette, or a weight.
  enum Ink: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
  }

  /// `text` in `ink`.
  func callAsFunction(_ text: String, _ ink: Ink?) -> String {
    guard let ink, hasColour, !text.isEmpty else { return text }
    return "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m"
  }

  /// The mark of something that is well.
  var done: String { self(isUnicode ? "✓" : "+", .green) }
  /// The mark of something that went wrong.
  var failed: String { self(isUnicode ? "✗" : "x", .red) }
  /// The mark of something that was taken back.
  var undone: String { self(isUnicode ? "↶" : "<", .yellow) }
  /// The mark of something that has not begun.
  var pending: String { self(isUnicode ? "·" : ".", .dim) }
  /// What stands before a state.
  var dot: String { isUnicode ? "●" : "*" }
  /// What stands between what was and what will be.
  var arrow: String { isUnicode ? "→" : "->" }
  /// What stands at the end of a text that was cut.
  var ellipsis: String { isUnicode ? "…" : "~" }

  /// The mark of something under way; it turns with `tick`.
  func spinner(_ tick: Int) -> String {
    let frames = isUnicode ? Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏") : Array("|/-\\")
    return self(String(frames[tick % frames.count]), .blue)
  }

  /// A bar of `width` columns that is full at 1.
  func bar(_ fraction: Double, width: Int) -> String {
    let full = Int((min(max(fraction, 0), 1) * Double(width)).rounded(.down))
    let (on, off) = isUnicode ? ("━", "─") : ("#", "-")
    return self(String(repeating: on, count: full), .blue)
      + self(String(repeating: off, count: width - full), .dim)
  }

  /// The ink in which people expect `state`, of an instance, a job, a step or a server.
  static func ink(of state: String) -> Ink? {
    switch state {
    case "running", "ready", "succeeded", "done": .green
    case "failed", "unavailable": .red
    case "creating", "restarting", "removing", "deploying", "restoring", "queued", "cancelled", "undone",
      "draining", "maintenance":
      .yellow
    case "stopped", "sleeping", "pending": .dim
    default: nil
    }
  }

  /// `state` with its dot, in its ink.
  func state(_ state: String) -> String { self("\(dot) \(state)", Self.ink(of: state)) }
}
