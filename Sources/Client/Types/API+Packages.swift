extension API {
  /// What is installed into an instance's images beside what they bring. A list that is given replaces the whole.
  public struct Packages: Codable, Sendable, Equatable {
    /// Debian packages for the Odoo container.
    public var odoo: [String]?
    /// Python packages for the Odoo container, as `pip install` takes them.
    public var python: [String]?
    /// Debian packages for the database container.
    public var database: [String]?

    /// Packages of which only those given are set.
    public init(odoo: [String]? = nil, python: [String]? = nil, database: [String]? = nil) {
      self.odoo = odoo
      self.python = python
      self.database = database
    }
  }

  /// What is set of an instance's PostgreSQL.
  public struct PostgresSettings: Codable, Sendable, Equatable {
    /// Extensions that the database has. A list that is given replaces the whole.
    public var extensions: [String]?
    /// The user's lines for postgresql.conf.
    public var conf: String?

    /// Settings of which only those given are set.
    public init(extensions: [String]? = nil, conf: String? = nil) {
      self.extensions = extensions
      self.conf = conf
    }
  }
}
