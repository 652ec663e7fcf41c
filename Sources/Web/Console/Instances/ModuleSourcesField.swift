import Hosting

/// Where custom modules come from: a row for each Git repository, in the order in which Odoo searches them. There is
/// always an empty row behind the last one; a row that is emptied goes.
struct ModuleSourcesField: FormField {
  var name: String
  var label = "Git repositories"
  var hint: String?
  var error: String?
  var rows: [Row]
  /// How many rows there may be.
  var most = ModuleSource.maximumCount

  /// One repository.
  struct Row {
    /// Its place, from 1 on, by which messages call it.
    var number: Int
    var repository: TextField
    var branch: TextField
  }

  /// The field called `name`, as `state` has it or, on a fresh page, with `sources`.
  init(_ name: String, _ sources: [ModuleSource] = [], hint: String, _ state: FormState) {
    self.name = name
    self.hint = hint
    let fresh = sources.map { ModuleSource.Wish(repository: $0.repository.text, branch: $0.branch?.text) }
    let wishes = state.form.flatMap { Self.wishes(name, in: $0) } ?? fresh
    let empty = ModuleSource.Wish(repository: "", branch: nil)
    rows = (wishes + [empty]).prefix(ModuleSource.maximumCount).enumerated().map { index, wish in
      Row(name, index, wish)
    }
    let messages = state.error?.fields.filter { $0.name == name }.map(\.message) ?? []
    error = messages.isEmpty ? nil : messages.joined(separator: " ")
  }

  /// What the rows of the field `name` in `form` say, without the empty ones; nil where the form has no such rows.
  static func wishes(_ name: String, in form: Form) -> [ModuleSource.Wish]? {
    let rows = (0..<ModuleSource.maximumCount).filter { form.has("\(name).\($0).repository") }
    guard !rows.isEmpty else { return nil }
    return rows.map { row in
      let branch = form["\(name).\(row).branch"]
      return ModuleSource.Wish(
        repository: form["\(name).\(row).repository"], branch: branch.isEmpty ? nil : branch)
    }.filter { !$0.repository.isEmpty || $0.branch != nil }
  }
}

extension ModuleSourcesField.Row {
  fileprivate init(_ name: String, _ index: Int, _ wish: ModuleSource.Wish) {
    number = index + 1
    repository = TextField(
      name: "\(name).\(index).repository", label: "Repository", value: wish.repository,
      placeholder: "https://github.com/OCA/web.git", autocomplete: "off", maximumLength: 500)
    branch = TextField(
      name: "\(name).\(index).branch", label: "Branch", value: wish.branch ?? "", placeholder: "its default",
      autocomplete: "off", maximumLength: 250)
  }
}
