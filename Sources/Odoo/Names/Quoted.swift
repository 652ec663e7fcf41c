/// A person's input inside a sentence: between double quotes, control characters made visible, long texts
/// cut, so that a message stays one readable line whatever came in.
func quoted(_ text: String, limit: Int = 60) -> String {
  var shown = ""
  for scalar in text.unicodeScalars.prefix(limit) {
    switch scalar {
    case "\n": shown += "\\n"
    case "\r": shown += "\\r"
    case "\t": shown += "\\t"
    case "\"": shown += "\\\""
    default:
      if scalar.isControlOrFormat {
        shown += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
  }
  return text.unicodeScalars.count > limit ? "\"\(shown)…\"" : "\"\(shown)\""
}

extension Unicode.Scalar {
  /// Whether this is a control or invisible formatting character, or a line or paragraph separator: nothing
  /// that belongs in a name, a value or a message.
  var isControlOrFormat: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }
}
