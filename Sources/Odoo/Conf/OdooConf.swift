/// Everything that goes into an instance's `odoo.conf`, and its text for a version.
///
/// Each key is written once, under one `[options]`, and only where the version reads it; no value can add a
/// line of its own. The same value always gives the same text.
public struct OdooConf: Hashable, Sendable {
  /// The version the file is for.
  public var version: OdooVersion
  /// The database and the way to it.
  public var database: Database
  /// The password of the database manager and of Odoo's database calls.
  public var masterPassword: ConfSecret
  /// Which databases are served, as a regular expression; nil for exactly the instance's own.
  public var databaseFilter: String?
  /// Worker processes; 0 serves everything with threads of one process, and then the gevent port is not
  /// served.
  public var workers = 0
  /// Threads or processes for scheduled actions.
  public var cronThreads = 2
  /// What a worker may use.
  public var limits = Limits()
  /// Ports and addresses inside the container or user.
  public var listen = Listen()
  /// Whether a proxy in front sets `X-Forwarded-*`.
  public var proxyMode = true
  /// Whether nginx sends files for Odoo; written from 16.0 on.
  public var xSendfile = false
  /// Whether the database manager and the list of databases are open.
  public var listDatabases = false
  /// Where filestore and sessions are.
  public var dataDir = "/var/lib/odoo"
  /// Folders of modules, absolute, in the order of search: Enterprise before Community. Empty leaves it to
  /// Odoo.
  public var addonsPath: [String] = []
  /// Whether databases made by this server get demonstration data.
  public var demoData = false
  /// How much Odoo logs.
  public var logLevel = LogLevelName.info
  /// Where mail goes when no outgoing server is set up inside Odoo; nil leaves it to Odoo (localhost:25).
  public var mailCatcher: MailServer?
  /// What the snippet adds, in its order; keys of Odeum's own are not among them.
  public var extra: [ConfSnippet.Entry] = []

  /// The settings of an instance with Odeum's defaults.
  public init(version: OdooVersion, database: Database, masterPassword: ConfSecret) {
    self.version = version
    self.database = database
    self.masterPassword = masterPassword
  }

  /// The database of an instance.
  public struct Database: Hashable, Sendable {
    /// Host name, address, or the folder of a Unix socket.
    public var host: String
    /// TCP port, or the number in the socket's name.
    public var port: Int
    /// The role; `RoleName` keeps out those that Odoo refuses.
    public var user: RoleName
    /// The role's password; nil where the server asks for none.
    public var password: ConfSecret?
    /// The database.
    public var name: DatabaseName
    /// Encryption; nil leaves it to Odoo (`prefer`).
    public var sslMode: DatabaseSSLMode?
    /// Most connections of one process (`db_maxconn`). Sizing tells a number that fits the server.
    public var maxConnections: Int
    /// Most connections of the gevent process; nil for the same. Written from 17.0 on.
    public var maxConnectionsGevent: Int?

    /// A database reached over TCP or a socket folder.
    public init(
      host: String, port: Int = 5432, user: RoleName, password: ConfSecret?, name: DatabaseName,
      sslMode: DatabaseSSLMode? = nil, maxConnections: Int = 64, maxConnectionsGevent: Int? = nil
    ) {
      self.host = host
      self.port = port
      self.user = user
      self.password = password
      self.name = name
      self.sslMode = sslMode
      self.maxConnections = maxConnections
      self.maxConnectionsGevent = maxConnectionsGevent
    }
  }

  /// What a worker may use before it is replaced or stopped.
  public struct Limits: Hashable, Sendable {
    /// Virtual memory in MB after which a worker is replaced once its request is done; 0 for no limit. Odoo's
    /// default is 2048. The hard limit, at which an allocation fails, is a quarter more, as in Odoo's
    /// defaults.
    public var memoryPerWorker = 2_048
    /// Seconds of processor time a request.
    public var cpuTime = 60
    /// Seconds a request; 0 for none.
    public var realTime = 120

    /// Odoo's own defaults.
    public init() {}

    /// The soft limit in bytes.
    public var softBytes: Int { memoryPerWorker * 1_024 * 1_024 }

    /// The hard limit in bytes: soft and a quarter.
    public var hardBytes: Int { softBytes / 4 * 5 }
  }

  /// Where Odoo listens.
  public struct Listen: Hashable, Sendable {
    /// The address; every interface unless set.
    public var interface = "0.0.0.0"
    /// The main port.
    public var http = 8_069
    /// The port of long-lived connections, served only with workers.
    public var gevent = 8_072

    /// Odoo's own ports on every interface.
    public init() {}
  }

  /// A server that takes mail without a login.
  public struct MailServer: Hashable, Sendable {
    /// Host name or address.
    public var host: String
    /// SMTP port; a catcher listens on 1025.
    public var port: Int

    /// A mail server at host and port.
    public init(host: String, port: Int = 1_025) {
      self.host = host
      self.port = port
    }
  }
}
