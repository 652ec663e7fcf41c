import Foundation

/// Finds in a description what operations take and give, following references within the file.
struct ReferenceReader {
  let root: YAMLValue

  private static let methods = ["get", "post", "put", "patch", "delete"]

  /// Every operation with its tag, in the order of the file.
  func operations() -> [(tag: String, operation: APIReference.Operation)] {
    (root["paths"]?.entries ?? []).flatMap { path in
      let shared = path.value["parameters"]?.items ?? []
      return path.value.entries.filter { Self.methods.contains($0.key) }.map { entry in
        let about = entry.value
        let parameters = (shared + (about["parameters"]?.items ?? [])).map { parameter(resolved($0)) }
        let operation = APIReference.Operation(
          id: about["operationId"]?.text ?? "", method: entry.key.uppercased(), path: path.key,
          summary: about["summary"]?.text ?? "",
          about: APIReference.paragraphs(about["description"]?.text), parameters: parameters,
          body: content(of: about["requestBody"].map(resolved)),
          answers: (about["responses"]?.entries ?? []).map { answer($0.key, resolved($0.value)) })
        return (about["tags"]?.items.first?.text ?? "", operation)
      }
    }
  }

  /// The members of an object, those of a reference included.
  func members(of schema: YAMLValue) -> [APIReference.Field] {
    let required = schema["required"]?.items.compactMap(\.text) ?? []
    return (schema["properties"]?.entries ?? []).map { entry in
      APIReference.Field(
        name: entry.key, place: nil, type: type(entry.value), isRequired: required.contains(entry.key),
        about: APIReference.line(entry.value["description"]?.text))
    }
  }

  private func parameter(_ value: YAMLValue) -> APIReference.Field {
    APIReference.Field(
      name: value["name"]?.text ?? "", place: value["in"]?.text,
      type: type(value["schema"] ?? .text("")), isRequired: value["required"]?.text == "true",
      about: APIReference.line(value["description"]?.text))
  }

  private func answer(_ status: String, _ value: YAMLValue) -> APIReference.Answer {
    APIReference.Answer(
      status: status == "default" ? "other" : status, about: APIReference.line(value["description"]?.text),
      type: content(of: value))
  }

  /// What a body or an answer has in it.
  private func content(of value: YAMLValue?) -> APIReference.TypeName? {
    guard let kind = value?["content"]?.entries.first else { return nil }
    guard let schema = kind.value["schema"] else { return .init(words: kind.key) }
    return type(schema)
  }

  /// A schema in words: `text`, `list of Job`, `whole number from 1 to 200, 50 unless given`.
  func type(_ schema: YAMLValue) -> APIReference.TypeName {
    if let reference = schema["$ref"]?.text {
      let name = reference.split(separator: "/").last.map { String($0) } ?? reference
      return .init(words: name, schema: name)
    }
    let kinds = schema["type"]?.text.map { [$0] } ?? schema["type"]?.items.compactMap(\.text) ?? []
    if kinds.contains("array"), let items = schema["items"] {
      let inner = type(items)
      return .init(words: "list of \(inner.words)", schema: inner.schema)
    }
    var words = kinds.map { Self.word($0, schema["format"]?.text) }.joined(separator: " or ")
    let choices = schema["enum"]?.items.compactMap(\.text) ?? []
    if !choices.isEmpty { words = "one of " + choices.joined(separator: ", ") }
    if let least = schema["minimum"]?.text { words += " from \(least)" }
    if let most = schema["maximum"]?.text { words += " to \(most)" }
    if let most = schema["maxLength"]?.text { words += " of at most \(most) characters" }
    if let usual = schema["default"]?.text { words += ", \(usual) unless given" }
    if kinds == ["object"], let values = schema["additionalProperties"], values.text == nil {
      words = "object of \(type(values).words)"
    }
    let members = schema["properties"]?.entries.map(\.key) ?? []
    if !members.isEmpty { words += " with \(members.joined(separator: ", "))" }
    return .init(words: words.isEmpty ? "any value" : words)
  }

  private static func word(_ type: String, _ format: String?) -> String {
    switch (type, format) {
    case ("string", "uuid"): "id"
    case ("string", "date-time"): "instant"
    case ("string", "date"): "date"
    case ("string", _): "text"
    case ("integer", _): "whole number"
    case ("number", _): "number"
    case ("boolean", _): "true or false"
    default: type
    }
  }

  /// What a reference stands for; anything else is itself.
  private func resolved(_ value: YAMLValue) -> YAMLValue {
    guard let reference = value["$ref"]?.text, reference.hasPrefix("#/") else { return value }
    return reference.dropFirst(2).split(separator: "/").reduce(Optional(root)) { $0?[String($1)] } ?? value
  }
}
