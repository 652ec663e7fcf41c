import Foundation

/// An instant, as pages show it: how long ago, and in full.
struct Moment {
  /// ISO 8601 in UTC, for scripts.
  var iso: String
  /// For people, in UTC.
  var full: String
  /// Relative to now.
  var ago: String

  init(_ date: Date, now: Date = Date()) {
    iso = date.formatted(.iso8601)
    full = iso.replacing("T", with: " ").replacing("Z", with: " UTC")
    ago = Self.relative(date.timeIntervalSince(now))
  }

  /// `seconds` from now in words: `4 minutes ago`, `in 2 hours`. The script of the pages says it in the same words.
  static func relative(_ seconds: TimeInterval) -> String {
    let distance = abs(seconds)
    let (count, unit): (Int, String) =
      switch distance {
      case ..<45: (0, "")
      case ..<5400: (max(1, Int((distance / 60).rounded())), "minute")
      case ..<129_600: (Int((distance / 3600).rounded()), "hour")
      default: (Int((distance / 86_400).rounded()), "day")
      }
    guard count > 0 else { return seconds > 5 ? "in a moment" : "just now" }
    let text = "\(count) \(unit)\(count == 1 ? "" : "s")"
    return seconds > 0 ? "in \(text)" : "\(text) ago"
  }

  /// A length of time in words: `0.8 s`, `42 s`, `3 min 5 s`, `2 h 10 min`.
  static func length(_ seconds: TimeInterval) -> String {
    switch seconds {
    case ..<0: "0 s"
    case ..<9.95: String(format: "%.1f s", seconds)
    case ..<59.5: "\(Int(seconds.rounded())) s"
    case ..<3600: "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
    default: "\(Int(seconds) / 3600) h \(Int(seconds) % 3600 / 60) min"
    }
  }
}

/// A state: a coloured dot and a word.
struct StateView {
  /// The colour: `running`, `busy`, `stopped`, `failed`, `warn`, `succeeded`, `cancelled`, `ready`.
  var look: String
  var text: String
}

/// A button or a link that does something.
struct ActionView {
  var id: String
  var label: String
  var icon: String
  /// `primary`, `warn`, `danger` or `plain`.
  var style = "plain"
  var href: String
  /// Whether a press sends a form to `href` instead of following it.
  var post = false
  /// Whether a script may show the page at `href` in a dialog.
  var dialog = false
  var newTab = false
  /// Why it cannot be done now; it is then shown greyed out with this text.
  var refused: String?
}

/// One line of a list of facts.
struct FactView {
  var label: String
  var value: String
  var mono = false
  /// Where the value leads.
  var href: String?
  /// Whether it leads out of the console.
  var outside = false
  /// A remark below the value.
  var more: String?
  var copy: CopyView?
}

/// A button that puts `text` on the clipboard.
struct CopyView {
  var text: String
  /// What is copied, for the button's name.
  var what: String
}

/// A link with words.
struct LinkView {
  var label: String
  var href: String
}

/// Why a request was refused, above the form that it came from.
struct ProblemView {
  var message: String
  var suggestion: String?
  var fields: [FieldProblem] = []
  /// The field that is at fault, where it is one; the message is about it.
  var only: FieldProblem?

  /// What is wrong with one field.
  struct FieldProblem {
    /// The field's place on the page, nil where the page has no such field.
    var href: String?
    var label: String
    var text: String
  }
}

extension ProblemView.FieldProblem: DerivesValues {
  /// What comes after the label, which the text may begin with itself.
  var derived: [String: Any] {
    ["rest": text.hasPrefix("\(label) ") ? String(text.dropFirst(label.count)) : ": \(text)"]
  }
}
