import Foundation

/// A field in which one line is typed.
struct TextField: FormField {
  var name: String
  var label: String
  var value = ""
  var type = "text"
  var hint: String?
  var error: String?
  var placeholder: String?
  var unit: String?
  var autocomplete: String?
  var inputMode: String?
  var maximumLength: Int?
  /// The id of the list of suggestions.
  var list: String?
  var required = false
  var optional = false
  var focus = false
  /// Whether it is typed as a machine reads it: no spelling, no capitals.
  var plain = true

  /// A field for a whole number.
  static func number(
    _ name: String, _ label: String, value: String, unit: String? = nil, placeholder: String? = nil,
    hint: String? = nil
  ) -> TextField {
    TextField(
      name: name, label: label, value: value, hint: hint, placeholder: placeholder, unit: unit,
      autocomplete: "off",
      inputMode: "numeric", maximumLength: 9)
  }
}

/// A field in which several lines are typed.
struct AreaField: FormField {
  var name: String
  var label: String
  var value = ""
  var hint: String?
  var error: String?
  var placeholder: String?
  var rows = 7
  var optional = false
}

/// A choice of one among several: a list, or radio buttons with a hint each.
struct ChoiceField: FormField {
  var name: String
  var label: String
  var hint: String?
  var error: String?
  var choices: [Choice]
  var optional = false

  /// One of the choices.
  struct Choice {
    var value: String
    var label: String
    var hint: String?
    var selected = false
    var disabled = false
    /// Whether the label is drawn as the badge of a stage.
    var badge = false
  }

  /// The same field with `value` chosen.
  func choosing(_ value: String) -> ChoiceField {
    var field = self
    field.choices = choices.map { choice in
      var choice = choice
      choice.selected = choice.value == value
      return choice
    }
    return field
  }
}

/// A choice between yes and no.
struct CheckField: FormField {
  var name: String
  var label: String
  var checked = false
  var hint: String?
  var error: String?
}

/// What all fields share: the place on the page, and what a screen reader says with it.
protocol FormField: DerivesValues {
  var name: String { get }
  var label: String { get }
  var hint: String? { get }
  var error: String? { get set }
}

extension FormField {
  /// The id of the field's element.
  var id: String { "field-" + name.replacing(".", with: "-") }

  /// The ids of the texts that belong to it.
  var describedBy: String? {
    let ids = [error.map { _ in "\(id)-error" }, hint.map { _ in "\(id)-hint" }].compactMap(\.self)
    return ids.isEmpty ? nil : ids.joined(separator: " ")
  }

  var derived: [String: Any] { ["id": id, "describedBy": describedBy as Any] }
}
