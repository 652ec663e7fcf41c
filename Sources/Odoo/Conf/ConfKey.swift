/// What a key's value must look like.
public enum ConfKind: Hashable, Sendable {
  /// A whole number within bounds.
  case integer(ClosedRange<Int>)
  /// A number with an optional fraction.
  case number
  /// `True` or `False`.
  case flag
  /// Any text on one line.
  case text
  /// One word of a closed set.
  case choice([String])
  /// Texts separated by commas.
  case list
}

/// Who decides about a key.
public enum ConfOwner: Hashable, Sendable {
  /// Whoever writes the snippet.
  case snippet
  /// A field of the instance's settings; a snippet's value moves there.
  case field(ConfField)
  /// Odeum; the sentence says why, and what to do instead.
  case reserved(String)
  /// The mail settings: the snippet's owner, unless the instance's mail goes to a catcher.
  case mail
}

/// A key of `odoo.conf`: in which versions it exists, what it takes, and who decides about it.
///
/// Source: the options declared in `odoo/tools/config.py` of each version's tree.
public struct ConfKey: Hashable, Sendable {
  /// The key as it stands in the file.
  public let name: String
  /// The shape of its value.
  public let kind: ConfKind
  /// The first version that reads it.
  public let since: OdooVersion
  /// The last version that reads it.
  public let until: OdooVersion
  /// Who decides about it.
  public let owner: ConfOwner

  /// Whether a version reads the key.
  public func exists(in version: OdooVersion) -> Bool {
    (since...until).contains(version)
  }

  /// The key with this name, in whatever version; names are compared in lower case, as Python's parser does.
  public static func named(_ name: String) -> ConfKey? {
    byName[name.lowercased()]
  }

  init(
    _ name: String, _ kind: ConfKind, since: OdooVersion = .v14, until: OdooVersion = .v19,
    _ owner: ConfOwner = .snippet
  ) {
    self.name = name
    self.kind = kind
    self.since = since
    self.until = until
    self.owner = owner
  }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
