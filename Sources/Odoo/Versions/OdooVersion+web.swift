/// A page that tells whether Odoo serves requests.
public struct HealthEndpoint: Hashable, Sendable {
  /// The path on the main port.
  public let path: String
  /// The path that also opens a connection to the database server and fails without one, where there is one.
  public let withDatabaseServer: String?
}

extension OdooVersion {
  /// The configuration key of the port for long-lived connections. 16.0 and 17.0 still read the old key with
  /// a warning; from 18.0 the old key is ignored in silence, so the new one is used as soon as it exists.
  public var geventPortKey: String {
    self >= .v16 ? "gevent_port" : "longpolling_port"
  }

  /// The path under which browsers hold a connection open; it goes to the gevent port when there are workers.
  public var livePath: String {
    self >= .v16 ? "/websocket" : "/longpolling"
  }

  /// Whether the live path is a WebSocket, for which a proxy must pass `Upgrade` and `Connection` on.
  public var usesWebSocket: Bool { self >= .v16 }

  /// The health page on the main port, or nil for 14.0, which has none. It does not load the database's
  /// registry: it answers with a broken database too.
  public var health: HealthEndpoint? {
    switch self {
    case .v14: nil
    case .v15, .v16: HealthEndpoint(path: "/web/health", withDatabaseServer: nil)
    case .v17, .v18, .v19:
      HealthEndpoint(path: "/web/health", withDatabaseServer: "/web/health?db_server_status=1")
    }
  }

  /// The health page on the gevent port, or nil for 14.0.
  public var geventHealthPath: String? {
    switch self {
    case .v14: nil
    case .v15: "/longpolling/health"
    case .v16, .v17, .v18, .v19: "/websocket/health"
    }
  }

  /// A page that loads the registry and so proves that the database fits the code; 200 when it does.
  public var registryProbePath: String { "/web/login" }

  /// Where the back office begins.
  public var landingPath: String {
    self >= .v18 ? "/odoo" : "/web"
  }

  /// The largest request body by default in bytes, or nil where Odoo sets none (`odoo/http.py`).
  public var defaultMaxBodySize: Int? {
    self >= .v17 ? 128 * 1_024 * 1_024 : nil
  }

  /// Whether Odoo can leave sending files to nginx (`x_sendfile`).
  public var supportsXSendfile: Bool { self >= .v16 }
}
