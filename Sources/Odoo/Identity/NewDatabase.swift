/// A role and an empty database for Odoo, made the way Odoo makes one (`odoo/service/db.py`), and their
/// renaming when a prepared database becomes an instance's own.
///
/// Every script looks before it acts: running it again does no harm.
public struct NewDatabase: Hashable, Sendable {
  /// The database.
  public var name: DatabaseName
  /// Its owner, the role that Odoo connects as.
  public var owner: RoleName
  /// The owner's password.
  public var password: ConfSecret
  /// Whether the role may make further databases, as `odoo db` and the database manager need.
  public var mayCreateDatabases: Bool

  /// A database and its owner.
  public init(name: DatabaseName, owner: RoleName, password: ConfSecret, mayCreateDatabases: Bool = false) {
    self.name = name
    self.owner = owner
    self.password = password
    self.mayCreateDatabases = mayCreateDatabases
  }

  /// Makes the role, or sets the password and rights of the one that is there. For the server's superuser.
  public var roleScript: SQLScript {
    SQLScript(target: .server, text: Self.makeRole + setRole, variables: [roleVariable, passwordVariable])
  }

  /// Makes the empty database: UTF-8, collation C, from `template0`.
  public var createScript: SQLScript {
    SQLScript(
      target: .server,
      text: """
        SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' LC_COLLATE ''C'' TEMPLATE template0',
                      :'database', :'role')
         WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
        \\gexec

        """, variables: [databaseVariable, roleVariable])
  }

  /// Adds the extension that Odoo's search wants, and the right that PostgreSQL 15 took away from everyone.
  /// For the superuser, in the new database.
  /// - Parameter unaccent: whether search also ignores accents; `odoo.conf` must then say `unaccent = True`.
  public func extensionScript(unaccent: Bool = false) -> SQLScript {
    var text = """
      CREATE EXTENSION IF NOT EXISTS pg_trgm;
      GRANT CREATE ON SCHEMA public TO :"role";

      """
    if unaccent {
      // An index over unaccent() needs it immutable; Odoo does the same.
      text += """
        CREATE EXTENSION IF NOT EXISTS unaccent;
        ALTER FUNCTION unaccent(text) IMMUTABLE;

        """
    }
    return SQLScript(target: .database(name), text: text, variables: [roleVariable])
  }

  /// Makes a prepared database this one: role and database get their new names, and the role its password.
  /// Nobody may be connected to the database. Tables follow their owner through the renaming.
  public func adoptScript(from prepared: DatabaseName, owner preparedOwner: RoleName) -> SQLScript {
    SQLScript(
      target: .server,
      text: """
        SELECT format('ALTER ROLE %I RENAME TO %I', :'old_role', :'role')
         WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = :'old_role')
           AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role')
        \\gexec
        SELECT format('ALTER DATABASE %I RENAME TO %I', :'old_database', :'database')
         WHERE EXISTS (SELECT FROM pg_database WHERE datname = :'old_database')
           AND NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
        \\gexec

        """ + setRole,
      variables: [
        .init(name: "old_role", value: preparedOwner.text, isSecret: false),
        .init(name: "old_database", value: prepared.text, isSecret: false),
        roleVariable, databaseVariable, passwordVariable,
      ])
  }

  private var databaseVariable: SQLScript.Variable {
    .init(name: "database", value: name.text, isSecret: false)
  }

  private var roleVariable: SQLScript.Variable { .init(name: "role", value: owner.text, isSecret: false) }

  private var passwordVariable: SQLScript.Variable {
    .init(name: "password", value: password.text, isSecret: true)
  }

  private static let makeRole = """
    SELECT format('CREATE ROLE %I', :'role')
     WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role')
    \\gexec

    """

  /// The password is stored as SCRAM also on PostgreSQL 12 and 13, whose default is MD5, and is kept out of
  /// the server's log.
  private var setRole: String {
    """
    SET password_encryption = 'scram-sha-256';
    SET log_statement = 'none';
    SET log_min_duration_statement = -1;
    ALTER ROLE :"role" WITH LOGIN NOSUPERUSER NOCREATEROLE \(mayCreateDatabases ? "CREATEDB" : "NOCREATEDB")
      PASSWORD :'password';

    """
  }
}
