import Foundation
import Odoo

/// Odoo's languages, with their English names for people.
enum LanguageNames {
  /// `German (Germany)` for `de_DE`; the code itself where there is no name.
  static func name(of code: String) -> String {
    // Odoo writes a script behind an “@” (res.lang), Unicode as a subtag with a capital: sr@latin is sr_Latn.
    let parts = code.split(separator: "@")
    let script = parts.count == 2 ? ["latin": "Latn", "Cyrl": "Cyrl"][parts[1]].map { "_\($0)" } : nil
    return english.localizedString(forIdentifier: parts[0] + (script ?? "")) ?? code
  }

  /// The choice of a language, English as in the United States first, then by name.
  static let choices = LanguageCode.all.map { ChoiceField.Choice(value: $0, label: name(of: $0)) }
    .sorted { ($0.value == "en_US" ? "" : $0.label) < ($1.value == "en_US" ? "" : $1.label) }

  fileprivate static let english = Locale(identifier: "en")
}

/// Countries, with their English names for people.
enum CountryNames {
  /// `Sweden` for `SE`; the code itself where there is no name.
  static func name(of code: String) -> String {
    LanguageNames.english.localizedString(forRegionCode: code) ?? code
  }

  /// The choice of a country by name, none first.
  static let choices =
    [ChoiceField.Choice(value: "", label: "Not set")]
    + CountryCode.all.map { .init(value: $0, label: name(of: $0)) }.sorted { $0.label < $1.label }
}
