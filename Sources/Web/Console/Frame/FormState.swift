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
    field.error = message(field)
    return field
  }

  /// `field` with what was typed and what is wrong with it.
  func filling(_ field: AreaField) -> AreaField {
    var field = field
    field.value = value(field.name, or: field.value)
    field.error = message(field)
    return field
  }

  /// `field` with what was chosen and what is wrong with it.
  func filling(_ field: ChoiceField) -> ChoiceField {
    var field = field
    if let form { field = field.choosing(form.raw(field.name)) }
    field.error = message(field)
    return field
  }

  /// `field` with what was chosen and what is wrong with it.
  func filling(_ field: CheckField) -> CheckField {
    var field = field
    if let form { field.checked = form.has(field.name) }
    field.error = message(field)
    return field
  }

  /// What to say above a form with `fields`: what is wrong, with links to the fields that are at fault. A single fault
  /// is said once here; several are listed by field.
  func problem(_ fields: [any FormField] = []) -> ProblemView? {
    guard let error else { return nil }
    let faults = error.faultyNames.map { name in
      let field = fields.first { $0.name == name }
      let label = field?.label ?? name
      return ProblemView.FieldProblem(
        href: field.map { "#\($0.id)" }, label: label, text: messages(name, label).joined(separator: " "))
    }
    var suggestion = error.suggestion
    for (name, fault) in zip(error.faultyNames, faults) {
      suggestion = suggestion?.replacing("\(name): ", with: "\(fault.label): ")
    }
    if error.fields.count == 1, let fault = faults.first, error.message == error.fields[0].message {
      return ProblemView(message: fault.text, suggestion: suggestion, only: fault.href == nil ? nil : fault)
    }
    let message =
      switch faults.count {
      case 0: error.message
      case 1 where error.fields.count == 1: error.message
      case 1: "\(faults[0].label): \(error.fields.count) things are not right."
      default: "\(faults.count) fields are not right."
      }
    return ProblemView(message: message, suggestion: suggestion, fields: faults)
  }

  private func message(_ field: any FormField) -> String? {
    let messages = messages(field.name, field.label)
    return messages.isEmpty ? nil : messages.joined(separator: " ")
  }

  /// What is wrong with the field `name`, each thing once, in the words of the page: where the domain begins with the
  /// name that the API has for it, the label stands instead.
  private func messages(_ name: String, _ label: String) -> [String] {
    (error?.fields ?? []).filter { $0.name == name }.map { fault in
      fault.message.hasPrefix("\(name) ") ? label + fault.message.dropFirst(name.count) : fault.message
    }.withoutRepetitions
  }
}

extension HostingError {
  /// The names of the fields at fault, each once.
  fileprivate var faultyNames: [String] { fields.map(\.name).withoutRepetitions }
}

extension [String] {
  fileprivate var withoutRepetitions: [String] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
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
