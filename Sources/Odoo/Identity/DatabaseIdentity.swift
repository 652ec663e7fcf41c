#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What makes a database one of its own and not a copy of another: the values that Odoo makes for a new one
/// (`ir.config_parameter`), its address, and its administrator's login.
public struct DatabaseIdentity: Hashable, Sendable {
  /// `database.uuid`, by which Odoo's services know the database.
  public var uuid: String
  /// `database.secret`, which signs sessions and links: a new one ends every session of the copy.
  public var secret: String
  /// `web.base.url`, with scheme and without a slash at the end; nil leaves it as it is.
  public var baseURL: String?
  /// The administrator's new login; nil leaves it.
  public var adminLogin: String?
  /// The administrator's new password; nil leaves it.
  public var adminPassword: PasslibHash?
  /// Whether the Enterprise subscription of the original is taken out: it holds for one database only.
  public var dropsSubscription: Bool

  /// An identity with fresh identifiers.
  public init(
    uuid: UUID = UUID(), secret: UUID = UUID(), baseURL: String? = nil, adminLogin: String? = nil,
    adminPassword: PasslibHash? = nil, dropsSubscription: Bool = true
  ) {
    self.uuid = uuid.uuidString.lowercased()
    self.secret = secret.uuidString.lowercased()
    self.baseURL = baseURL
    self.adminLogin = adminLogin
    self.adminPassword = adminPassword
    self.dropsSubscription = dropsSubscription
  }

  /// The script that gives a database this identity, in one transaction; the same again changes nothing more
  /// but the time stamps. It prints the administrator's login. For Odoo 14.0 to 19.0 on PostgreSQL 12 to 18.
  public func script(for database: DatabaseName) -> SQLScript {
    var script = SQLScript(target: .database(database), text: "BEGIN;\n", variables: [])
    script.set("database.uuid", "uuid", uuid)
    script.set("database.secret", "secret", secret, isSecret: true)
    script.text += Self.creationDate
    if let baseURL {
      script.set("web.base.url", "base_url", baseURL)
      // Without this the address follows whatever name an administrator signs in under.
      script.set("web.base.url.freeze", "base_url_freeze", "True")
    }
    if dropsSubscription { script.text += Self.subscription }
    if let adminLogin {
      script.variables.append(.init(name: "admin_login", value: adminLogin, isSecret: false))
      script.text += Self.login
    }
    if let adminPassword {
      script.variables.append(.init(name: "admin_password", value: adminPassword.text, isSecret: true))
      script.text += Self.password
    }
    script.text += Self.answer + "COMMIT;\n"
    return script
  }

  private static let admin = """
    (SELECT res_id FROM ir_model_data
     WHERE module = 'base' AND name = 'user_admin' AND model = 'res.users')
    """

  private static let creationDate = """
    UPDATE ir_config_parameter
       SET value = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
           write_date = now() AT TIME ZONE 'UTC'
     WHERE key = 'database.create_date';

    """

  private static let subscription = """
    DELETE FROM ir_config_parameter
     WHERE key IN ('database.enterprise_code', 'database.expiration_date', 'database.expiration_reason')
        OR key LIKE 'database.already_linked_%';

    """

  private static let login = """
    UPDATE res_users SET login = :'admin_login', write_date = now() AT TIME ZONE 'UTC'
     WHERE id = \(admin);

    """

  private static let password = """
    UPDATE res_users SET password = :'admin_password', write_date = now() AT TIME ZONE 'UTC'
     WHERE id = \(admin);

    """

  private static let answer = """
    SELECT login FROM res_users WHERE id = \(admin);

    """
}

extension SQLScript {
  /// Sets a system parameter, whether it is there or not; without relying on a unique index, which a database
  /// of long standing may have lost.
  fileprivate mutating func set(_ key: String, _ name: String, _ value: String, isSecret: Bool = false) {
    variables.append(Variable(name: name, value: value, isSecret: isSecret))
    text += """
      UPDATE ir_config_parameter SET value = :'\(name)', write_date = now() AT TIME ZONE 'UTC'
       WHERE key = '\(key)';
      INSERT INTO ir_config_parameter (key, value, create_uid, create_date, write_uid, write_date)
      SELECT '\(key)', :'\(name)', 1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
       WHERE NOT EXISTS (SELECT FROM ir_config_parameter WHERE key = '\(key)');

      """
  }
}
