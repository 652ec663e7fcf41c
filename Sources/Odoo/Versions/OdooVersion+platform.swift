/// A Python release line such as 3.10.
public struct PythonVersion: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  /// The number before the dot.
  public let major: Int
  /// The number after the dot.
  public let minor: Int

  /// The release line `major.minor`.
  public init(_ major: Int, _ minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Orders by release.
  public static func < (left: PythonVersion, right: PythonVersion) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }

  /// As Python writes it, `3.10`.
  public var description: String { "\(major).\(minor)" }
}

extension OdooVersion {
  /// The oldest Python that this version starts with (`setup.py`, `odoo/__init__.py`, `odoo/release.py`).
  public var minimumPython: PythonVersion {
    switch self {
    case .v14: PythonVersion(3, 6)
    case .v15, .v16: PythonVersion(3, 7)
    case .v17, .v18, .v19: PythonVersion(3, 10)
    }
  }

  /// The newest Python that its `requirements.txt` names versions for.
  public var newestPython: PythonVersion {
    switch self {
    case .v14: PythonVersion(3, 10)
    case .v15: PythonVersion(3, 12)
    case .v16: PythonVersion(3, 13)
    case .v17, .v18, .v19: PythonVersion(3, 14)
    }
  }

  /// The oldest PostgreSQL major version (documentation up to 18.0; 19.0 logs a warning below its minimum).
  public var minimumPostgres: Int {
    switch self {
    case .v14, .v15, .v16, .v17, .v18: 12
    case .v19: 13
    }
  }

  /// The PostgreSQL major version that an instance of this version is given unless its settings name another.
  /// No upper bound is documented; the older three get the one that was current in their time.
  public var defaultPostgres: Int {
    switch self {
    case .v14, .v15, .v16: 15
    case .v17, .v18, .v19: 17
    }
  }

  /// Where Odoo keeps filestore and sessions when neither a home folder nor `data_dir` says otherwise
  /// (`odoo/tools/config.py`; 19.0 stopped lowering the product's name). Generated files always set
  /// `data_dir`.
  public var fallbackDataDir: String {
    self >= .v19 ? "/var/lib/Odoo" : "/var/lib/odoo"
  }

  /// The modules loaded into the server itself when nothing is set (`server_wide_modules`).
  public var defaultServerWideModules: [String] {
    self >= .v19 ? ["base", "rpc", "web"] : ["base", "web"]
  }

  /// The server-wide modules without which this version does not serve pages.
  public var requiredServerWideModules: [String] { ["base", "web"] }

  /// The address Odoo listens on when nothing is set; up to 18.0 an empty value that means every interface.
  public var defaultHTTPInterface: String {
    self >= .v19 ? "0.0.0.0" : ""
  }

  /// Requests after which a worker is replaced when nothing is set (`limit_request`).
  public var defaultRequestLimit: Int {
    self >= .v16 ? 65_536 : 8_192
  }

  /// What happens to demonstration data when nothing is said.
  public var demoData: DemoData {
    self >= .v19 ? .offUnlessRequested : .onUnlessRefused
  }
}

/// What a version does about demonstration data in a new database when nothing is said.
public enum DemoData: Hashable, Sendable {
  /// Up to 18.0: loaded, unless `without_demo` is set.
  case onUnlessRefused
  /// From 19.0: not loaded, unless `with_demo` is set.
  case offUnlessRequested
}
