import Testing

@testable import Odoo

struct ConfSnippetTests {
  private func problems(
    _ text: String, _ version: OdooVersion = .v19, mailCatcher: Bool = false
  ) -> [InputProblem] {
    do throws(InvalidInput) {
      _ = try ConfSnippet.parse(text, for: version, mailCatcher: mailCatcher)
      return []
    } catch {
      return error.problems
    }
  }

  @Test func `the example of the field's help does not reach the fields`() throws {
    let snippet = try ConfSnippet.parse(
      """
      workers = 4
      max_cron_threads = 2
      limit_time_cpu = 600
      limit_time_real = 1200
      """, for: .v19)
    #expect(
      snippet.fieldChanges == [
        .workers(4), .cronThreads(2), .cpuTimeLimit(seconds: 600), .realTimeLimit(seconds: 1_200),
      ])
    #expect(snippet.entries.isEmpty)
    #expect(snippet.remainingText.isEmpty)
    #expect(snippet.notes.map(\.line) == [1, 2, 3, 4])
    #expect(snippet.notes[0].message == "workers has a field of its own and moved there: Workers.")
  }

  @Test(arguments: OdooVersion.allCases) func `merged settings lose or repeat a key`(version: OdooVersion)
    throws
  {
    let snippet = try ConfSnippet.parse(
      """
      # mine
      LIMIT_MEMORY_SOFT = 629145600
      limit_memory_hard: 1677721600
      ; more
      dbfilter = ^shop.*$
      log_handler = :INFO,
        odoo.sql_db:DEBUG
      log_level = warn
      unaccent = yes
      """, for: version)
    #expect(
      snippet.fieldChanges == [
        .memoryPerWorker(megabytes: 600), .databaseFilter("^shop.*$"), .logLevel(.warn),
      ])
    let conf = try OdooConf.sample(version).merging(snippet)
    let lines = try conf.render().split(separator: "\n").map(String.init)
    for line in [
      "limit_memory_soft = 629145600", "limit_memory_hard = 1677721600", "dbfilter = ^shop.*$",
      "log_level = warn", "log_handler = :INFO,", "    odoo.sql_db:DEBUG", "unaccent = True",
    ] {
      #expect(lines.filter { $0 == line }.count == 1, "\(line)")
    }
    let keys = lines.dropFirst().filter { !$0.hasPrefix(" ") }.map { $0.prefix { $0 != " " } }
    #expect(Set(keys).count == keys.count)
    #expect(
      snippet.remainingText == "limit_memory_hard = 1677721600\nlog_handler = :INFO,\n    odoo.sql_db:DEBUG\n"
        + "unaccent = True\n")
    #expect(
      try ConfSnippet.parse(snippet.remainingText, for: version).entries.map(\.value)
        == snippet.entries.map(\.value))
  }

  @Test(arguments: [
    ("[options]\nworkers = 2", 1, "The section header [options] is not allowed."),
    ("workers = 2\n\n  [queue_job]\nchannels = root:2", 3, "The section header [queue_job] is not allowed."),
    ("[broken", 1, "The section header [broken] is not allowed."),
  ])
  func `a section header moves keys out of sight`(text: String, line: Int, message: String) {
    let found = problems(text)
    #expect(found.count == 1)
    #expect(found.first?.field == "odooConf")
    #expect(found.first?.line == line)
    #expect(found.first?.message == message)
    #expect(found.first?.suggestion.isEmpty == false)
  }

  @Test func `a repeated key is not refused with both its lines`() {
    let found = problems("email_from = a@b\n\nworkers=1\nEmail_From : c@d\nworkers = 2\nworkers = 3")
    #expect(found.map(\.line) == [4, 5, 6])
    #expect(
      found.first?.message
        == "The key email_from is in line 1 already; Odoo does not start with a key twice.")
    #expect(found[1].message.contains("workers is in line 3 already"))
  }

  @Test(arguments: [
    ("workers", "\"workers\" has no value."), ("= 3", "There is no key before \"=\"."),
    (": 3", "There is no key before \":\"."),
    ("two words = 3", "\"two words\" cannot be a key of odoo.conf."),
    ("schlüssel = 3", "\"schlüssel\" cannot be a key of odoo.conf."),
    ("a\u{A0}= 3", "There is an invisible or unusual character in this line (U+00A0)."),
    ("\u{FEFF}workers = 3", "There is an invisible or unusual character in this line (U+FEFF)."),
    ("a = b\u{0}c", "There is an invisible or unusual character in this line (U+0000)."),
    ("a = b\u{202E}c", "There is an invisible or unusual character in this line (U+202E)."),
    ("a = b\u{85}list_db = True", "There is an invisible or unusual character in this line (U+0085)."),
  ])
  func `a syntax error is not refused with its line`(line: String, message: String) {
    let found = problems("# first\nemail_from = x@y\n\(line)\n")
    #expect(found.count == 1)
    #expect(found.first?.line == 3)
    #expect(found.first?.message == message)
    #expect(found.first?.suggestion.isEmpty == false)
  }

  @Test(arguments: [
    "admin_passwd", "data_dir", "http_port", "longpolling_port", "gevent_port", "xmlrpc_port",
    "http_interface",
    "http_enable", "db_host", "db_port", "db_user", "db_password", "db_name", "db_sslmode", "db_template",
    "db_maxconn", "db_maxconn_gevent", "db_replica_host", "addons_path", "logfile", "syslog", "pidfile",
    "list_db",
    "proxy_mode", "x_sendfile", "without_demo", "with_demo", "stop_after_init", "init", "update",
    "test_enable",
    "config", "save",
  ])
  func `a reserved key is taken from the snippet`(key: String) {
    for version in OdooVersion.allCases {
      let found = problems("email_from = x@y\n\(key.uppercased()) = 1", version)
      #expect(found.map(\.line) == [2])
      #expect(found.first?.message.hasPrefix("The key \(key) is set by Odeum. ") == true)
      #expect(found.first?.suggestion == "Remove the line.")
    }
  }

  @Test func `mail leaves the catcher through the snippet`() throws {
    let text = "smtp_server = relay.example.com\nsmtp_port = 587"
    #expect(problems(text, mailCatcher: true).map(\.line) == [1, 2])
    let snippet = try ConfSnippet.parse(text, for: .v18)
    #expect(snippet.entries.map(\.key) == ["smtp_server", "smtp_port"])
    var conf = try OdooConf.sample(.v18)
    conf.mailCatcher = OdooConf.MailServer(host: "mail")
    #expect(throws: InvalidInput.self) { try conf.merging(snippet).render() }
    conf.mailCatcher = nil
    #expect(try conf.merging(snippet).render().contains("smtp_server = relay.example.com\nsmtp_port = 587\n"))
  }

  @Test(arguments: [
    ("workers = four", "The value of workers is \"four\".", "Give a whole number from 0 to 1000."),
    ("workers =", "The value of workers is empty.", "Give a whole number from 0 to 1000."),
    ("workers = -1", "The value of workers is \"-1\".", "Give a whole number from 0 to 1000."),
    ("workers = 010", "The value of workers is \"010\".", "Give a whole number from 0 to 1000."),
    (
      "workers = 99999999999999999999", "The value of workers is \"99999999999999999999\".",
      "Give a whole number from 0 to 1000."
    ),
    ("workers = 4\n  5", "The value of workers is \"4\\n5\".", "Give a whole number from 0 to 1000."),
    ("unaccent = maybe", "The value of unaccent is \"maybe\".", "Give True or False."),
    (
      "transient_age_limit = 1,5", "The value of transient_age_limit is \"1,5\".",
      "Give a number, for example 1.5."
    ),
    (
      "email_from = a\n  b", "The value of email_from goes over several lines.",
      "Write it on one line; a line of its own must not be indented."
    ),
    (
      "limit_request = 0", "The value of limit_request is \"0\".", "Give a whole number from 1 to 1000000000."
    ),
    ("smtp_port = 99999", "The value of smtp_port is \"99999\".", "Give a whole number from 1 to 65535."),
  ])
  func `a value that Odoo cannot read is accepted`(text: String, message: String, suggestion: String) {
    #expect(
      problems(text) == [InputProblem(field: "odooConf", line: 1, message: message, suggestion: suggestion)])
  }

  @Test func `log levels and memory are not checked`() throws {
    #expect(problems("log_level = loud").first?.message == "The value of log_level is \"loud\".")
    #expect(problems("dbfilter =").first?.suggestion.contains("^shop$") == true)
    let snippet = try ConfSnippet.parse("limit_memory_soft = 1000000000", for: .v17)
    #expect(snippet.fieldChanges == [.memoryPerWorker(megabytes: 954)])
    #expect(snippet.notes[0].message.hasSuffix("It holds 954 MB, rounded up."))
  }

  @Test func `an unknown key is an error, or passes without a word`() throws {
    let snippet = try ConfSnippet.parse("running_env = dev\nx_custom = 1", for: .v16)
    #expect(snippet.entries.map(\.key) == ["running_env", "x_custom"])
    #expect(snippet.notes.map(\.line) == [1, 2])
    #expect(
      snippet.notes[0].message
        == "Odoo 16.0 does not know the key running_env; it stays in the file for modules that read it.")
  }

  @Test func `a key of another version passes without a word`() throws {
    let early = try ConfSnippet.parse("websocket_rate_limit_burst = 20", for: .v15)
    #expect(
      early.notes.map(\.message)
        == ["The key websocket_rate_limit_burst does nothing in Odoo 15.0: it exists from 16.0 on."])
    let late = try ConfSnippet.parse("geoip_database = /x", for: .v17)
    #expect(
      late.notes.map(\.message)
        == ["The key geoip_database does nothing in Odoo 17.0: 16.0 was the last version that read it."])
    #expect(try ConfSnippet.parse("websocket_rate_limit_burst = 20", for: .v16).notes.isEmpty)
  }

  @Test func `a hard memory limit below the soft one is written`() throws {
    let snippet = try ConfSnippet.parse("limit_memory_hard = 1000\nemail_from = x@y", for: .v18)
    let conf = try OdooConf.sample(.v18).merging(snippet)
    let error = #expect(throws: InvalidInput.self) { try conf.render() }
    #expect(error?.problems.first?.line == 1)
    #expect(error?.problems.first?.suggestion == "Remove the line, or give at least 2684354560.")
    let unlimited = try ConfSnippet.parse("limit_memory_hard = 0", for: .v18)
    #expect(throws: Never.self) { try OdooConf.sample(.v18).merging(unlimited).render() }
  }

  @Test func `line ends of Windows and old Macs shift the line numbers`() throws {
    #expect(problems("a_a = 1\r\nb_b = 2\r\n[x]\r\n").map(\.line) == [3])
    #expect(problems("a_a = 1\rb_b = 2\r[x]").map(\.line) == [3])
    let snippet = try ConfSnippet.parse("email_from = x@y\r\n\r\nupgrade_path = /a,\r\n\t/b\r\n", for: .v18)
    #expect(snippet.entries.map(\.value) == ["x@y", "/a,\n/b"])
    #expect(snippet.entries.map(\.line) == [1, 3])
  }

  @Test func `a snippet without end is read to the end`() {
    let found = problems(String(repeating: "#", count: 70_000))
    #expect(found.count == 1)
    #expect(found.first?.message == "The text is 70000 bytes long, and 65536 is the most.")
  }

  @Test func `an empty snippet changes something`() throws {
    for text in ["", "\n\n", "# only\n; remarks\n  # here", "   "] {
      let snippet = try ConfSnippet.parse(text, for: .v19)
      #expect(snippet == ConfSnippet())
      #expect(try OdooConf.sample(.v19).merging(snippet).render() == OdooConf.sample(.v19).render())
    }
  }
}
