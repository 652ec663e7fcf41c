/// A value of a YAML file, as far as the description of the API uses YAML: mappings and lists in blocks and in braces,
/// texts with and without quotes, and texts of several lines behind `|`. Anchors, tags, `>` and several documents are not
/// read.
indirect enum YAMLValue: Equatable {
  case text(String)
  case list([YAMLValue])
  case mapping([Entry])

  /// One key with its value, in the file's order.
  struct Entry: Equatable {
    var key: String
    var value: YAMLValue
  }

  /// The value of the key `key`, nil where this is no mapping or has none.
  subscript(key: String) -> YAMLValue? {
    guard case .mapping(let entries) = self else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The text, nil where it is something else.
  var text: String? { if case .text(let text) = self { text } else { nil } }

  /// The items; none where it is no list.
  var items: [YAMLValue] { if case .list(let items) = self { items } else { [] } }

  /// The entries; none where it is no mapping.
  var entries: [Entry] { if case .mapping(let entries) = self { entries } else { [] } }
}

/// A text that is not of the YAML that is read here.
struct YAMLError: Error, Equatable, CustomStringConvertible {
  /// Counted from 1.
  var line: Int
  var reason: String

  var description: String { "Line \(line): \(reason)" }
}
