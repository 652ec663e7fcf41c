import Foundation

/// What openapi.yaml says of the API, for people to read.
struct APIReference: Equatable {
  /// Paragraphs on the API as a whole.
  var about: [String]
  var groups: [Group]
  var schemas: [Schema]

  /// Operations on one kind of thing.
  struct Group: Equatable {
    var name: String
    var about: String
    var operations: [Operation]
  }

  /// A method at a path.
  struct Operation: Equatable {
    var id: String
    /// In capitals.
    var method: String
    /// Below `/api/v1`, with parameters in braces.
    var path: String
    var summary: String
    /// Paragraphs; none where the summary says it all.
    var about: [String]
    var parameters: [Field]
    /// What is sent.
    var body: TypeName?
    var answers: [Answer]
  }

  /// A parameter, or a member of a body.
  struct Field: Equatable {
    var name: String
    /// `path`, `query`, `header`; nil for a member.
    var place: String?
    var type: TypeName
    var isRequired: Bool
    var about: String
  }

  /// A type in words, and the schema that it is made of, if it has a name.
  struct TypeName: Equatable {
    var words: String
    var schema: String?
  }

  /// What may come back.
  struct Answer: Equatable {
    /// An HTTP status, or `other`.
    var status: String
    var about: String
    var type: TypeName?
  }

  /// A named type.
  struct Schema: Equatable {
    var name: String
    var about: String
    var fields: [Field]
  }

  /// What the description `yaml` says.
  ///
  /// - Throws: `YAMLError`.
  init(yaml: String) throws {
    let root = try YAMLValue.read(yaml)
    let reader = ReferenceReader(root: root)
    about = Self.paragraphs(root["info"]?["description"]?.text)
    let operations = reader.operations()
    groups = (root["tags"]?.items ?? []).map { tag in
      let name = tag["name"]?.text ?? ""
      return Group(
        name: name, about: tag["description"]?.text ?? "",
        operations: operations.filter { $0.tag == name }.map { $0.operation })
    }
    schemas = (root["components"]?["schemas"]?.entries ?? []).map { entry in
      Schema(
        name: entry.key, about: Self.line(entry.value["description"]?.text),
        fields: reader.members(of: entry.value))
    }
  }

  /// The paragraphs of a text of several lines.
  static func paragraphs(_ text: String?) -> [String] {
    (text ?? "").split(separator: "\n\n").map { line(String($0)) }.filter { !$0.isEmpty }
  }

  /// A text in one line.
  static func line(_ text: String?) -> String {
    (text ?? "").split { $0 == "\n" || $0 == " " }.joined(separator: " ")
  }
}

extension YAMLValue {
  /// The value of a whole file.
  static func read(_ text: String) throws -> YAMLValue { try YAMLReader.read(text) }
}
