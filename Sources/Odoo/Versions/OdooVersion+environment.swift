extension OdooVersion {
  /// The environment variable that names the configuration file, in every version.
  public static let configurationVariable = "ODOO_RC"

  /// The environment variables that this version reads as settings, by the key each stands for.
  ///
  /// Only 19.0 reads any, and they win over `odoo.conf`: what a container is given as `PGDATABASE` or
  /// `ODOO_WORKERS` must agree with the file, or stay away (`odoo/tools/config.py`, `env_name`). Before, the
  /// client library of PostgreSQL still takes the `PG*` ones for what Odoo leaves open.
  public var settingVariables: [String: String] {
    guard self >= .v19 else { return [:] }
    var variables: [String: String] = [:]
    for key in ConfKey.all where key.exists(in: self) && !Self.withoutVariable.contains(key.name) {
      variables[key.name] = Self.namedVariables[key.name] ?? "ODOO_" + key.name.uppercased()
    }
    return variables
  }

  /// Those that have a name of their own.
  private static let namedVariables: [String: String] = [
    "db_app_name": "PGAPPNAME", "db_host": "PGHOST", "db_name": "PGDATABASE", "db_password": "PGPASSWORD",
    "db_port": "PGPORT", "db_replica_host": "PGHOST_REPLICA", "db_replica_port": "PGPORT_REPLICA",
    "db_sslmode": "PGSSLMODE", "db_template": "PGDATABASE_TEMPLATE", "db_user": "PGUSER",
    "dev_mode": "ODOO_DEV", "pg_path": "PGPATH",
  ]

  /// Keys of the command line only, and keys that are read from the file without being declared.
  private static let withoutVariable: Set = [
    "config", "import_image_maxbytes", "import_image_regex", "import_image_timeout", "import_partial", "init",
    "registry_lru_size", "reinit", "save", "stop_after_init", "test_enable", "test_file", "test_tags",
    "update",
    "without_demo",
  ]
}
