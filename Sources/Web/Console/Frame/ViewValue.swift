import Foundation
import Mustache

/// A view model with values that are not stored.
protocol DerivesValues {
  /// Further values, by the names that templates use.
  var derived: [String: Any] { get }
}

/// What stands in a template's context for a value that is not there. Without it, a template would look for the name in
/// the surrounding context and could show something that belongs to another thing.
struct AbsentValue: MustacheCustomRenderable {
  var renderText: String { "" }
  var isNull: Bool { true }
}

/// Turns a view model into what templates read: dictionaries, arrays, texts, numbers and truth values. Doing it once
/// for the whole tree is several times faster than reflecting on a value at each of its mentions.
///
/// Every list `xs` gets a truth value `hasXs`, since a template cannot ask otherwise whether it is empty.
func viewValue(_ value: Any) -> Any {
  switch value {
  case is String, is Bool, is Int: return value
  case let list as [Any]: return list.map(viewValue)
  default: break
  }
  let mirror = Mirror(reflecting: value)
  switch mirror.displayStyle {
  case .optional: return mirror.children.first.map { viewValue($0.value) } ?? AbsentValue()
  case .struct: return viewValues(value, mirror)
  default: return String(describing: value)
  }
}

/// The named values of one view model.
func viewValues(_ value: Any, _ mirror: Mirror? = nil) -> [String: Any] {
  var values: [String: Any] = [:]
  for child in (mirror ?? Mirror(reflecting: value)).children {
    guard let label = child.label else { continue }
    let converted = viewValue(child.value)
    values[label] = converted
    if let list = converted as? [Any] {
      values["has" + label.prefix(1).uppercased() + label.dropFirst()] = !list.isEmpty
    }
  }
  if let deriving = value as? any DerivesValues {
    for (name, derived) in deriving.derived { values[name] = viewValue(derived) }
  }
  return values
}
