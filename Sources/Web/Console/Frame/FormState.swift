import Hosting

/// How a form stands when its page is drawn: fresh, or as it was sent, with what is wrong in it.
struct FormState {
  /// What was sent, nil on a fresh page.
  var form: Form?
  /// Why it was refused.
  var error: HostingError?

  /// What was typed, or `fresh` where nothing was sent yet.
  func value(_ name: String, or fresh: String = "") -> String {
    form.map { $0.raw(name) } ?? fresh
  }

  /// `field` with what was typed and what is wrong with it.
  func filling(_ field: TextField) -> TextField {
    var field = field
    field.value = value(field.name, or: field.value)
    field.error = message(field.name)
    return field
  }

  /// `field` with what was typed and what is wrong with it.
  func filling(_ field: AreaField) -> AreaField {
    var field = field
    field.value = value(field.name, or: field.value)
    field.error = message(field.name)
    return field
  }

  /// `field` with what was chosen and what is wrong with it.
  func filling(_ field: ChoiceField) -> ChoiceField {
    var field = field
    if let form { field = field.choosing(form.raw(field.name)) }
    field.error = message(field.name)
    return field
  }

  /// `field` with what was chosen and what is wrong with it.
  func filling(_ field: CheckField) -> CheckField {
    var field = field
    if let form { field.checked = form.has(field.name) }
    field.error = message(field.name)
    return field
  }

  /// What to say above a form with `fields`: what is wrong, with links to the fields that are at fault.
  func problem(_ fields: [any FormField] = []) -> ProblemView? {
    error.map { error in
      ProblemView(
        message: error.message, suggestion: error.suggestion,
        fields: error.fields.map { fault in
          let field = fields.first { $0.name == fault.name }
          return .init(
            href: field.map { "#\($0.id)" }, label: field?.label ?? fault.name, text: fault.message)
        })
    }
  }

  private func message(_ name: String) -> String? {
    let messages = error?.fields.filter { $0.name == name }.map(\.message) ?? []
    return messages.isEmpty ? nil : messages.joined(separator: " ")
  }
}

/// Reads the numbers of a form, and collects what is none.
struct NumberReader {
  let form: Form
  private(set) var faults: [HostingError.Field] = []

  init(_ form: Form) { self.form = form }

  /// The whole number in `name`, nil where the field is empty.
  mutating func number(_ name: String, _ label: String) -> Int? {
    let text = form[name]
    guard !text.isEmpty else { return nil }
    guard let number = Int(text) else {
      faults.append(.init(name, "\(label) takes a whole number, and “\(text)” is none."))
      return nil
    }
    return number
  }

  /// - Throws: `HostingError` with code `invalid` where something was no number.
  func check() throws {
    guard !faults.isEmpty else { return }
    throw HostingError(
      .invalid, faults.count == 1 ? faults[0].message : "\(faults.count) fields take whole numbers.",
      fields: faults)
  }
}
