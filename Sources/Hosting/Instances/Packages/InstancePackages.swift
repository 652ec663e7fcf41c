import Odoo

/// What is installed into an instance's images beside what they bring. Lists are sorted and have each name once.
public struct InstancePackages: Sendable, Codable, Equatable {
  /// Debian packages for the Odoo container.
  public var odoo: [String]
  /// Python packages for the Odoo container, as `pip install` takes them: `phonenumbers`, `openpyxl==3.1.5`.
  public var python: [String]
  /// Debian packages for the database container.
  public var database: [String]

  /// These packages.
  public init(odoo: [String] = [], python: [String] = [], database: [String] = []) {
    self.odoo = odoo
    self.python = python
    self.database = database
  }

  /// Whether there are none.
  public var isEmpty: Bool { odoo.isEmpty && python.isEmpty && database.isEmpty }
}

/// What is set of an instance's PostgreSQL beside the limits of its container.
public struct PostgresSettings: Sendable, Codable, Equatable {
  /// Extensions that the instance's database has, made by the superuser; sorted, each once.
  public var extensions: [String]
  /// The user's lines for postgresql.conf, `key = value` each.
  public var conf: String

  /// These settings.
  public init(extensions: [String] = [], conf: String = "") {
    self.extensions = extensions
    self.conf = conf
  }
}

// `decode` is what the synthesised decoding of `InstanceSettings` calls; rows that were written before there were
// packages have no such key.
extension KeyedDecodingContainer {
  func decode(_ type: InstancePackages.Type, forKey key: Key) throws -> InstancePackages {
    try decodeIfPresent(type, forKey: key) ?? InstancePackages()
  }

  func decode(_ type: PostgresSettings.Type, forKey key: Key) throws -> PostgresSettings {
    try decodeIfPresent(type, forKey: key) ?? PostgresSettings()
  }
}

/// Kinds of names in a list that a user types, with what each may look like.
enum PackageNames {
  /// As Debian Policy 5.6.1 has it; so none begins with a hyphen, as an option would.
  case debian
  /// A requirement of PEP 508 without an address or a marker: a name, extras, versions.
  case python
  /// An identifier of PostgreSQL as extensions have them.
  case extensions

  /// The most names in one list.
  static let maximumCount = 100

  private var title: String {
    switch self {
    case .debian: "a Debian package"
    case .python: "a Python package"
    case .extensions: "an extension of PostgreSQL"
    }
  }

  private var example: String {
    switch self {
    case .debian: "libcups2-dev"
    case .python: "openpyxl==3.1.5"
    case .extensions: "pg_trgm"
    }
  }

  private func fits(_ name: String) -> Bool {
    guard name.utf8.count <= 120 else { return false }
    return switch self {
    case .debian: name.wholeMatch(of: #/[a-z0-9][a-z0-9+.\-]+/#) != nil
    case .python:
      name.wholeMatch(
        of:
          #/[A-Za-z0-9]([A-Za-z0-9._\-]*[A-Za-z0-9])?(\[[A-Za-z0-9._,\-]+\])?((==|>=|<=|~=|!=|<|>)[A-Za-z0-9.*+!_]+(,(==|>=|<=|~=|!=|<|>)[A-Za-z0-9.*+!_]+)*)?/#
      ) != nil
    case .extensions: name.utf8.count <= 63 && name.wholeMatch(of: #/[a-z_][a-z0-9_\-]*/#) != nil
    }
  }

  /// The names, sorted, each once; what cannot be one is noted as a fault of `field`.
  func checked(_ names: [String], field: String, _ faults: inout Faults) -> [String] {
    if names.count > Self.maximumCount {
      faults.add(field, "\(names.count) names are more than \(Self.maximumCount).")
    }
    for name in names.prefix(Self.maximumCount) where !fits(name) {
      faults.add(
        field, "“\(name)” cannot be the name of \(title).",
        suggestion: "Write one name a line, such as \(example).")
    }
    return Set(names).sorted()
  }
}
