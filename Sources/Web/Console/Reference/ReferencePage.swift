import Client

/// The API, to be read.
struct ReferencePage: ConsolePage {
  static let template = "reference"

  var about: [Prose]
  var groups: [Group]
  var schemas: [Schema]

  /// Operations on one kind of thing.
  struct Group {
    var id: String
    var name: String
    var about: Prose
    var operations: [Operation]
  }

  /// A method at a path, with all that is known of it.
  struct Operation {
    var id: String
    var method: String
    /// The method in small letters, for its colour.
    var look: String
    var path: String
    var summary: String
    var paragraphs: [Prose]
    /// Who may ask for it; nil where this program has no such route.
    var permission: String?
    var parameters: [Field]
    var body: Kind?
    var answers: [Answer]
  }

  /// A parameter or a member.
  struct Field {
    var name: String
    var place: String?
    var kind: Kind
    var required: Bool
    /// Nil where there is nothing to say.
    var about: Prose?
  }

  /// A text in which words between backticks are code.
  struct Prose {
    var spans: [Span]

    struct Span {
      var text: String
      var code: Bool
    }

    init(_ text: String) {
      let parts = text.split(separator: "`", omittingEmptySubsequences: false)
      spans = parts.enumerated().map { Span(text: String($1), code: $0 % 2 == 1) }
    }

    /// Nil for no text.
    init?(some text: String) {
      guard !text.isEmpty else { return nil }
      self.init(text)
    }
  }

  /// A type in words, and where it is described.
  struct Kind {
    var words: String
    var href: String?
  }

  /// What may come back.
  struct Answer {
    var status: String
    var about: Prose
    var kind: Kind?
  }

  /// A named type.
  struct Schema {
    var id: String
    var name: String
    /// Nil where there is nothing to say.
    var about: Prose?
    var fields: [Field]
  }
}

extension ReferencePage {
  /// - Parameter access: who may use the operation with that method at that path below `/api/v1`.
  init(_ reference: APIReference, access: (String, String) -> Access?) {
    self.init(
      about: reference.about.map(Prose.init),
      groups: reference.groups.map { group in
        Group(
          id: "group-\(group.name)", name: group.name.capitalized, about: Prose(group.about),
          operations: group.operations.map { Operation($0, access: access($0.method, $0.path)) })
      },
      schemas: reference.schemas.map { schema in
        Schema(
          id: Kind.place(schema.name), name: schema.name, about: Prose(some: schema.about),
          fields: schema.fields.map(Field.init))
      })
  }
}

extension ReferencePage.Operation {
  init(_ operation: APIReference.Operation, access: Access?) {
    self.init(
      id: operation.id, method: operation.method, look: operation.method.lowercased(), path: operation.path,
      summary: operation.summary, paragraphs: operation.about.map(ReferencePage.Prose.init),
      permission: access?.words,
      parameters: operation.parameters.map(ReferencePage.Field.init),
      body: operation.body.map(ReferencePage.Kind.init),
      answers: operation.answers.map {
        .init(status: $0.status, about: .init($0.about), kind: $0.type.map(ReferencePage.Kind.init))
      })
  }
}

extension ReferencePage.Field {
  init(_ field: APIReference.Field) {
    self.init(
      name: field.name, place: field.place, kind: .init(field.type), required: field.isRequired,
      about: .init(some: field.about))
  }
}

extension ReferencePage.Kind {
  init(_ type: APIReference.TypeName) {
    self.init(words: type.words, href: type.schema.map { "#\(Self.place($0))" })
  }

  static func place(_ schema: String) -> String { "schema-\(schema)" }
}

extension Access {
  /// Who has it, in words.
  var words: String {
    switch self {
    case .open: "Anybody"
    case .signedIn: "Whoever is signed in"
    case .permission(let permission): "\(permission.label) (\(permission.rawValue))"
    case .operators: "Operators of the installation"
    }
  }
}
