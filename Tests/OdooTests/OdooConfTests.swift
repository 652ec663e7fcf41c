import Testing

@testable import Odoo

extension OdooConf {
  /// Settings like those of a small instance.
  static func sample(_ version: OdooVersion) throws -> OdooConf {
    OdooConf(
      version: version,
      database: Database(
        host: "db", user: try RoleName("shop"), password: ConfSecret("p%w#1;x=y"),
        name: try DatabaseName("shop"),
        maxConnections: 8, maxConnectionsGevent: 32),
      masterPassword: ConfSecret("$pbkdf2-sha512$25000$c2FsdA$a2V5"))
  }
}

struct OdooConfTests {
  static let expected14 = """
    [options]
    db_host = db
    db_port = 5432
    db_user = shop
    db_password = p%w#1;x=y
    db_name = shop
    db_maxconn = 8
    dbfilter = ^shop$
    list_db = False
    admin_passwd = $pbkdf2-sha512$25000$c2FsdA$a2V5
    data_dir = /var/lib/odoo
    http_interface = 0.0.0.0
    http_port = 8069
    longpolling_port = 8072
    proxy_mode = True
    workers = 0
    max_cron_threads = 2
    limit_memory_soft = 2147483648
    limit_memory_hard = 2684354560
    limit_time_cpu = 60
    limit_time_real = 120
    without_demo = all
    log_level = info

    """

  static let expected19 = """
    [options]
    db_host = db
    db_port = 5432
    db_user = shop
    db_password = p%w#1;x=y
    db_name = shop
    db_maxconn = 8
    db_maxconn_gevent = 32
    dbfilter = ^shop$
    list_db = False
    admin_passwd = $pbkdf2-sha512$25000$c2FsdA$a2V5
    data_dir = /var/lib/odoo
    http_interface = 0.0.0.0
    http_port = 8069
    gevent_port = 8072
    proxy_mode = True
    workers = 0
    max_cron_threads = 2
    limit_memory_soft = 2147483648
    limit_memory_hard = 2684354560
    limit_time_cpu = 60
    limit_time_real = 120
    with_demo = False
    log_level = info

    """

  /// What the file of a version has otherwise than that of 14.0 or 19.0.
  @Test(arguments: [
    (OdooVersion.v14, expected14),
    (.v15, expected14),
    (.v16, expected14.replacing("longpolling_port", with: "gevent_port")),
    (.v17, expected19.replacing("with_demo = False", with: "without_demo = all")),
    (.v18, expected19.replacing("with_demo = False", with: "without_demo = all")),
    (.v19, expected19),
  ])
  func `a version gets a key that it does not read, or lacks one that it needs`(
    version: OdooVersion, text: String
  ) throws {
    #expect(try OdooConf.sample(version).render() == text)
  }

  @Test(arguments: OdooVersion.allCases) func `every setting is written where its version reads it`(
    version: OdooVersion
  ) throws {
    var conf = try OdooConf.sample(version)
    conf.database.sslMode = .verifyFull
    conf.databaseFilter = "^%d$"
    conf.workers = 5
    conf.cronThreads = 1
    conf.limits.memoryPerWorker = 600
    conf.limits.realTime = 1_200
    conf.listen.http = 10_000
    conf.listen.gevent = 10_001
    conf.proxyMode = false
    conf.xSendfile = true
    conf.addonsPath = ["/mnt/enterprise", "/mnt/shop addons"]
    conf.demoData = true
    conf.logLevel = .debugSQL
    conf.mailCatcher = OdooConf.MailServer(host: "mail")
    let lines = try conf.render().split(separator: "\n").map(String.init)
    for line in [
      "db_sslmode = verify-full", "dbfilter = ^%d$", "workers = 5", "max_cron_threads = 1",
      "limit_memory_soft = 629145600", "limit_memory_hard = 786432000", "limit_time_real = 1200",
      "http_port = 10000", "proxy_mode = False", "addons_path = /mnt/enterprise,/mnt/shop addons",
      "log_level = debug_sql", "smtp_server = mail", "smtp_port = 1025",
      version >= .v16 ? "gevent_port = 10001" : "longpolling_port = 10001",
      version == .v19 ? "with_demo = True" : "without_demo = False",
    ] {
      #expect(lines.contains(line))
    }
    #expect(lines.contains("x_sendfile = True") == (version >= .v16))
    let keys = lines.dropFirst().map { $0.prefix { $0 != " " } }
    #expect(Set(keys).count == keys.count)
    for key in keys { #expect(try #require(ConfKey.named(String(key))).exists(in: version), "\(key)") }
  }

  @Test func `a memory limit of none becomes a limit of nothing`() throws {
    var conf = try OdooConf.sample(.v19)
    conf.limits.memoryPerWorker = 0
    let text = try conf.render()
    #expect(text.contains("limit_memory_soft = 0\nlimit_memory_hard = 0\n"))
  }

  @Test(arguments: [
    "a\nlist_db = True", "a\r\nb", "a\u{0}b", " a", "a ", "False", "none", "", "a\u{2028}b", "a\u{85}b",
  ])
  func `a value adds a line of its own, or reaches Odoo as something else`(value: String) throws {
    var changes: [(String, (inout OdooConf) -> Void)] = [
      ("databaseHost", { $0.database.host = value }),
      ("databasePassword", { $0.database.password = ConfSecret(value) }),
      ("masterPassword", { $0.masterPassword = ConfSecret(value) }),
      ("databaseFilter", { $0.databaseFilter = value }),
      ("httpInterface", { $0.listen.interface = value }),
      ("mailCatcher", { $0.mailCatcher = OdooConf.MailServer(host: value) }),
    ]
    if value.unicodeScalars.contains(where: { $0.value < 0x20 }) {
      changes.append(("dataDir", { $0.dataDir = "/" + value }))
      changes.append(("addonsPath", { $0.addonsPath = ["/" + value] }))
    }
    for (field, change) in changes {
      var conf = try OdooConf.sample(.v18)
      change(&conf)
      let error = #expect(throws: InvalidInput.self, "\(field)") { try conf.render() }
      #expect(error?.problems.map(\.field) == [field])
    }
  }

  @Test func `a database filter that lets nothing through is written`() throws {
    for (filter, message) in [
      ("^other$", #"The database filter "^other$" does not match the instance's database shop."#),
      ("hop", #"The database filter "hop" does not match the instance's database shop."#),
      ("^(shop$", #"The database filter "^(shop$" is no regular expression."#),
      ("*", #"The database filter "*" is no regular expression."#),
    ] {
      var conf = try OdooConf.sample(.v18)
      conf.databaseFilter = filter
      let error = #expect(throws: InvalidInput.self, "\(filter)") { try conf.render() }
      #expect(error?.problems.map(\.message) == [message])
    }
    for filter in ["sh", "^shop$", "^sh.*", "^%d$", "^%h$", "(?i)SHOP", "^(?P<n>shop|x)$", "^shop(_test)?$"] {
      var conf = try OdooConf.sample(.v18)
      conf.databaseFilter = filter
      #expect(conf.problems.isEmpty, "\(filter)")
    }
  }

  @Test func `a database filter keeps the control plane busy`() throws {
    for filter in ["(s*)*b", "(((s|h)+)+)+x", "s*s*s*s*s*s*s*s*s*x"] {
      var conf = try OdooConf.sample(.v18)
      conf.database.name = try DatabaseName(String(repeating: "s", count: 63))
      conf.databaseFilter = filter
      #expect(conf.problems.isEmpty, "\(filter)")
    }
    var conf = try OdooConf.sample(.v18)
    conf.databaseFilter = String(repeating: "(", count: 127) + "s" + String(repeating: ")", count: 127)
    #expect(conf.problems.count <= 1)
    conf.databaseFilter = String(repeating: "(", count: 60_000)
    #expect(conf.problems.map(\.message).first?.hasSuffix("is longer than 255 characters.") == true)
  }

  @Test func `a path is written that Odoo takes as another`() throws {
    for path in ["relative", "/a,/b", "/$HOME/x", "/~/x", "/a\n", ""] {
      var conf = try OdooConf.sample(.v18)
      conf.addonsPath = ["/ok", path]
      #expect(throws: InvalidInput.self, "\(path)") { try conf.render() }
    }
  }

  @Test func `a number out of bounds is written`() throws {
    let changes: [(String, (inout OdooConf) -> Void)] = [
      ("workers", { $0.workers = -1 }), ("cronThreads", { $0.cronThreads = 101 }),
      ("memoryPerWorker", { $0.limits.memoryPerWorker = -5 }), ("cpuTimeLimit", { $0.limits.cpuTime = 0 }),
      ("realTimeLimit", { $0.limits.realTime = -1 }), ("databasePort", { $0.database.port = 0 }),
      ("databaseConnections", { $0.database.maxConnections = 0 }), ("httpPort", { $0.listen.http = 70_000 }),
      ("geventPort", { $0.listen.gevent = 8_069 }),
      ("mailCatcher", { $0.mailCatcher = OdooConf.MailServer(host: "m", port: 0) }),
    ]
    for (field, change) in changes {
      var conf = try OdooConf.sample(.v18)
      change(&conf)
      let error = #expect(throws: InvalidInput.self, "\(field)") { try conf.render() }
      #expect(error?.problems.map(\.field) == [field])
    }
    var conf = try OdooConf.sample(.v18)
    conf.workers = -1
    conf.listen.http = 0
    #expect(throws: InvalidInput.self) { try conf.render() }
    #expect(conf.problems.count == 2)
    #expect(conf.problems[0].message == "The number of workers is -1.")
    #expect(conf.problems[0].suggestion == "Give a number from 0 to 1000.")
  }

  @Test func `an entry brought in around the snippet's checks reaches the file`() throws {
    for (key, value) in [
      ("admin_passwd", "x"), ("workers", "3"), ("a b", "x"), ("x", "a\u{0}"), ("x]\n[", "y"), ("", "x"),
    ] {
      var conf = try OdooConf.sample(.v18)
      conf.extra = [ConfSnippet.Entry(key: key, value: value, line: 7)]
      let error = #expect(throws: InvalidInput.self, "\(key)") { try conf.render() }
      #expect(error?.problems.first?.line == 7)
    }
    var conf = try OdooConf.sample(.v18)
    conf.extra = [
      ConfSnippet.Entry(key: "email_from", value: "a@b", line: 1),
      ConfSnippet.Entry(key: "email_from", value: "c@d", line: 2),
    ]
    #expect(throws: InvalidInput.self) { try conf.render() }
  }

  @Test func `a password shows when settings are printed`() throws {
    let conf = try OdooConf.sample(.v18)
    var dumped = ""
    dump(conf, to: &dumped)
    for text in ["\(conf)", String(reflecting: conf), dumped] {
      #expect(!text.contains("p%w#1") && !text.contains("pbkdf2"))
    }
  }
}

struct ConfKeyTests {
  /// The versions a key lives in, typed in from the options each version declares.
  @Test(arguments: [
    ("workers", OdooVersion.v14, OdooVersion.v19), ("longpolling_port", .v14, .v17),
    ("gevent_port", .v16, .v19),
    ("x_sendfile", .v16, .v19), ("db_maxconn_gevent", .v17, .v19), ("limit_memory_soft_gevent", .v18, .v19),
    ("limit_memory_hard_gevent", .v18, .v19), ("limit_time_worker_cron", .v17, .v19),
    ("db_replica_host", .v18, .v19), ("db_replica_port", .v18, .v19), ("db_app_name", .v19, .v19),
    ("pre_upgrade_scripts", .v17, .v19), ("geoip_database", .v14, .v16), ("geoip_city_db", .v17, .v19),
    ("from_filter", .v15, .v19), ("smtp_ssl_certificate_filename", .v15, .v19),
    ("websocket_keep_alive_timeout", .v16, .v19), ("websocket_rate_limit_delay", .v16, .v19),
    ("with_demo", .v19, .v19), ("without_demo", .v14, .v19), ("skip_auto_install", .v19, .v19),
    ("reinit", .v19, .v19), ("proxy_access_token", .v19, .v19), ("import_file_maxbytes", .v19, .v19),
    ("osv_memory_age_limit", .v14, .v14), ("unaccent", .v14, .v19), ("dbfilter", .v14, .v19),
  ])
  func `a key is known to the wrong versions`(name: String, since: OdooVersion, until: OdooVersion) throws {
    let key = try #require(ConfKey.named(name))
    #expect(
      OdooVersion.allCases.filter(key.exists) == OdooVersion.allCases.filter { (since...until).contains($0) })
  }

  @Test func `a key stands in the table twice, or in capitals`() {
    let names = ConfKey.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy(ConfSyntax.isKey))
    #expect(names.allSatisfy { $0 == $0.lowercased() })
    #expect(ConfKey.named("WORKERS")?.name == "workers")
  }
}
