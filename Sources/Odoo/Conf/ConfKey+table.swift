extension ConfKey {
  /// Every key that some version reads, sorted by who decides about it.
  ///
  /// Reserved are the keys that would break what Odeum has set up around Odoo: where it listens, which
  /// database it uses, where its files and logs are, what the proxy expects; and those that Odoo takes on the
  /// command line only, where a value in the file does nothing or ends the server.
  public static let all: [ConfKey] = fields + mail + free + reserved

  private static let fields: [ConfKey] = [
    ConfKey("workers", .integer(ConfField.workers.allowed), .field(.workers)),
    ConfKey("max_cron_threads", .integer(ConfField.cronThreads.allowed), .field(.cronThreads)),
    ConfKey("limit_memory_soft", .integer(0...bytes), .field(.memoryPerWorker)),
    ConfKey("limit_time_cpu", .integer(ConfField.cpuTimeLimit.allowed), .field(.cpuTimeLimit)),
    ConfKey("limit_time_real", .integer(ConfField.realTimeLimit.allowed), .field(.realTimeLimit)),
    ConfKey("dbfilter", .text, .field(.databaseFilter)),
    ConfKey("log_level", .choice(LogLevelName.allCases.map(\.rawValue)), .field(.logLevel)),
  ]

  private static let mail: [ConfKey] = [
    ConfKey("smtp_server", .text, .mail),
    ConfKey("smtp_port", .integer(1...65_535), .mail),
    ConfKey("smtp_ssl", .flag, .mail),
    ConfKey("smtp_user", .text, .mail),
    ConfKey("smtp_password", .text, .mail),
    ConfKey("smtp_ssl_certificate_filename", .text, since: .v15, .mail),
    ConfKey("smtp_ssl_private_key_filename", .text, since: .v15, .mail),
  ]

  private static let free: [ConfKey] = [
    ConfKey("apps_server", .text, until: .v18),
    ConfKey("bin_path", .text),
    ConfKey("csv_internal_sep", .text),
    ConfKey("default_productivity_apps", .flag, since: .v19),
    ConfKey("dev_mode", .list),
    ConfKey("email_from", .text),
    ConfKey("from_filter", .text, since: .v15),
    ConfKey("geoip_city_db", .text, since: .v17),
    ConfKey("geoip_country_db", .text, since: .v17),
    ConfKey("geoip_database", .text, until: .v16),
    ConfKey("import_file_maxbytes", .integer(0...bytes), since: .v19),
    ConfKey("import_file_timeout", .integer(0...seconds), since: .v19),
    ConfKey("import_image_maxbytes", .integer(0...bytes)),
    ConfKey("import_image_regex", .text),
    ConfKey("import_image_timeout", .integer(0...seconds)),
    ConfKey("import_url_regex", .text, since: .v19),
    ConfKey("limit_memory_hard", .integer(0...bytes)),
    ConfKey("limit_memory_hard_gevent", .integer(0...bytes), since: .v18),
    ConfKey("limit_memory_soft_gevent", .integer(0...bytes), since: .v18),
    ConfKey("limit_request", .integer(1...count)),
    ConfKey("limit_time_real_cron", .integer(-1...seconds)),
    ConfKey("limit_time_worker_cron", .integer(0...seconds), since: .v17),
    ConfKey("log_db", .text),
    ConfKey("log_db_level", .choice(["debug", "info", "warning", "error", "critical"])),
    ConfKey("log_handler", .list),
    ConfKey("osv_memory_age_limit", .number, until: .v14),
    ConfKey("osv_memory_count_limit", .integer(0...count)),
    ConfKey("pg_path", .text),
    ConfKey("pre_upgrade_scripts", .list, since: .v17),
    ConfKey("proxy_access_token", .text, since: .v19),
    ConfKey("publisher_warranty_url", .text),
    ConfKey("registry_lru_size", .integer(0...count)),
    ConfKey("reportgz", .flag),
    ConfKey("screencasts", .text),
    ConfKey("screenshots", .text),
    ConfKey("server_wide_modules", .list),
    ConfKey("shell_interface", .text, until: .v18),
    ConfKey("skip_auto_install", .flag, since: .v19),
    ConfKey("transient_age_limit", .number),
    ConfKey("unaccent", .flag),
    ConfKey("upgrade_path", .list),
    ConfKey("websocket_keep_alive_timeout", .integer(1...seconds), since: .v16),
    ConfKey("websocket_rate_limit_burst", .integer(1...count), since: .v16),
    ConfKey("websocket_rate_limit_delay", .number, since: .v16),
  ]

  private static let reserved: [ConfKey] = [
    ConfKey("addons_path", .list, .reserved(modules)),
    ConfKey("admin_passwd", .text, .reserved(masterPassword)),
    ConfKey("data_dir", .text, .reserved(files)),
    ConfKey("db_app_name", .text, since: .v19, .reserved(database)),
    ConfKey("db_host", .text, .reserved(database)),
    ConfKey("db_maxconn", .integer(0...count), .reserved(connections)),
    ConfKey("db_maxconn_gevent", .integer(0...count), since: .v17, .reserved(connections)),
    ConfKey("db_name", .list, .reserved(database)),
    ConfKey("db_password", .text, .reserved(database)),
    ConfKey("db_port", .integer(1...65_535), .reserved(database)),
    ConfKey("db_replica_host", .text, since: .v18, .reserved(database)),
    ConfKey("db_replica_port", .integer(1...65_535), since: .v18, .reserved(database)),
    ConfKey("db_sslmode", .choice(DatabaseSSLMode.allCases.map(\.rawValue)), .reserved(database)),
    ConfKey("db_template", .text, .reserved(database)),
    ConfKey("db_user", .text, .reserved(database)),
    ConfKey("gevent_port", .integer(1...65_535), since: .v16, .reserved(ports)),
    ConfKey("http_enable", .flag, .reserved(ports)),
    ConfKey("http_interface", .text, .reserved(ports)),
    ConfKey("http_port", .integer(1...65_535), .reserved(ports)),
    ConfKey("longpolling_port", .integer(1...65_535), until: .v17, .reserved(ports)),
    ConfKey("xmlrpc", .flag, until: .v18, .reserved(ports)),
    ConfKey("xmlrpc_interface", .text, until: .v18, .reserved(ports)),
    ConfKey("xmlrpc_port", .integer(1...65_535), until: .v18, .reserved(ports)),
    ConfKey("list_db", .flag, .reserved(manager)),
    ConfKey("logfile", .text, .reserved(logs)),
    ConfKey("syslog", .flag, .reserved(logs)),
    ConfKey("pidfile", .text, .reserved("Whether Odoo runs is watched from outside; it needs no such file.")),
    ConfKey("proxy_mode", .flag, .reserved(proxy)),
    ConfKey("x_sendfile", .flag, since: .v16, .reserved(proxy)),
    ConfKey("with_demo", .flag, since: .v19, .reserved(demo)),
    ConfKey("without_demo", .text, .reserved(demo)),
    ConfKey("config", .text, .reserved(commandLine)),
    ConfKey("import_partial", .text, .reserved(commandLine)),
    ConfKey("init", .list, .reserved(commandLine)),
    ConfKey("language", .text, until: .v18, .reserved(commandLine)),
    ConfKey("load_language", .text, .reserved(commandLine)),
    ConfKey("overwrite_existing_translations", .flag, .reserved(commandLine)),
    ConfKey("reinit", .list, since: .v19, .reserved(commandLine)),
    ConfKey("root_path", .text, until: .v18, .reserved(commandLine)),
    ConfKey("save", .flag, .reserved(commandLine)),
    ConfKey("stop_after_init", .flag, .reserved("It would end Odoo as soon as it has started.")),
    ConfKey("test_enable", .flag, .reserved(tests)),
    ConfKey("test_file", .text, .reserved(tests)),
    ConfKey("test_tags", .text, .reserved(tests)),
    ConfKey("translate_in", .text, until: .v18, .reserved(commandLine)),
    ConfKey("translate_modules", .list, until: .v18, .reserved(commandLine)),
    ConfKey("translate_out", .text, until: .v18, .reserved(commandLine)),
    ConfKey("update", .list, .reserved(commandLine)),
  ]

  private static let bytes = 1 << 50
  private static let seconds = 604_800
  private static let count = 1_000_000_000

  private static let modules = "The path follows from the instance's code; add modules to its repository."
  private static let masterPassword = "The master password is generated and kept with the instance's secrets."
  private static let files = "Filestore and sessions live in the instance's own volume."
  private static let database = "Which database Odoo uses, and how, belongs to the instance itself."
  private static let connections =
    "The number of connections follows from the workers and from what the database allows."
  private static let ports = "Where Odoo listens is what the proxy in front of it is set up for."
  private static let manager = "The database manager stays closed; use the console to back up and restore."
  private static let logs = "Logs are read from Odoo's output; elsewhere the console would not see them."
  private static let proxy = "It must agree with the proxy in front of Odoo, which Odeum sets up."
  private static let demo = "Demo data is chosen when an instance is created."
  private static let tests = "Tests run in builds, not in a serving instance."
  private static let commandLine = "Odoo takes it on the command line only; in the file it has no use."
}
