import Foundation
import Remote

/// One thing that an operator may set, by an environment variable.
struct Setting<Value: Sendable>: Sendable {
  /// The variable's name.
  let name: String
  /// What holds where it is not set, in the variable's own words.
  let fallback: String
  /// What it does, for the manual and for `odeumd settings`.
  let about: String
  /// Reads the text; nil where it is not right.
  let read: @Sendable (String) -> Value?
  /// What a right text looks like.
  let form: String
  /// Whether the text must not be shown where it is wrong.
  var isSecret = false

  /// The value in `environment`.
  ///
  /// - Throws: `BadSetting` where the text there is not right.
  func value(in environment: [String: String]) throws -> Value {
    let text = environment[name].flatMap { $0.isEmpty ? nil : $0 } ?? fallback
    guard let value = read(text) else {
      throw BadSetting(name: name, text: isSecret ? Secret.redacted : text, form: form)
    }
    return value
  }
}

/// A setting whose text cannot be read.
struct BadSetting: Error, CustomStringConvertible {
  let name: String
  let text: String
  let form: String

  var description: String {
    "\(name) is “\(text)”, but must be \(form). Set it right, or unset it for the default."
  }
}

extension Setting where Value == String {
  static func text(_ name: String, _ fallback: String, _ about: String, form: String = "a text") -> Setting {
    Setting(name: name, fallback: fallback, about: about, read: { $0 }, form: form)
  }
}

extension Setting where Value == [AddressRange] {
  static func networks(_ name: String, _ about: String) -> Setting {
    Setting(
      name: name, fallback: "", about: about,
      read: { text in
        let parts = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        let ranges = parts.compactMap { AddressRange($0) }
        return ranges.count == parts.count ? ranges : nil
      }, form: "addresses or networks such as 10.0.0.0/8, separated by commas")
  }
}

extension Setting where Value == Int {
  static func number(_ name: String, _ fallback: Int, in range: ClosedRange<Int>, _ about: String) -> Setting
  {
    Setting(
      name: name, fallback: String(fallback), about: about,
      read: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } },
      form: "a whole number from \(range.lowerBound) to \(range.upperBound)")
  }
}
