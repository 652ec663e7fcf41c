import Testing

@testable import Odoo

/// The last words of real runs of Odoo 14.0 and 19.0, shortened.
struct FailureReasonTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    var name: String
    var log: String
    var cause: FailureReason.Cause
    var message: String
    var evidence: String?
    var testDescription: String { name }
  }

  static let started = """
    2026-11-21 03:42:50,512 1 INFO ? odoo: Odoo version 19.0
    2026-11-21 03:42:50,513 1 INFO ? odoo: database: shop@db:5432
    2026-11-21 03:42:50,600 1 INFO ? odoo.sql_db: Connection to the database failed
    Traceback (most recent call last):
      File "/usr/bin/odoo", line 6, in <module>

    """

  static let samples: [Sample] = [
    Sample(
      name: "wrong password, 14.0",
      log: started + "psycopg2.OperationalError: FATAL:  password authentication failed for user \"shop\"\n",
      cause: .database, message: "The database server does not accept the password of shop."),
    Sample(
      name: "wrong password, 19.0",
      log: started
        + "psycopg2.OperationalError: connection to server at \"db\" (192.168.96.2), port 5432 failed: "
        + "FATAL:  password authentication failed for user \"shop\"\n",
      cause: .database, message: "The database server does not accept the password of shop."),
    Sample(
      name: "unknown host",
      log: started
        + "psycopg2.OperationalError: could not translate host name \"nohost\" to address: Name or service not known\n",
      cause: .database, message: "The database host nohost is not known."),
    Sample(
      name: "refused, 14.0",
      log: started + "psycopg2.OperationalError: could not connect to server: Connection refused\n"
        + "\tIs the server running on host \"db\" (172.29.0.2) and accepting\n\tTCP/IP connections on port 5999?\n",
      cause: .database, message: "The database server db does not answer."),
    Sample(
      name: "refused, 19.0",
      log: started
        + "psycopg2.OperationalError: connection to server at \"db\" (192.168.96.2), port 5999 failed: "
        + "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n",
      cause: .database, message: "The database server db does not answer."),
    Sample(
      name: "no database",
      log:
        "2026-11-21 03:43:00,000 1 CRITICAL ? odoo.service.server: Failed to initialize database `absent`.\n"
        + "Traceback (most recent call last):\n  File \"x\", line 1\n"
        + "psycopg2.OperationalError: connection to server at \"db\" (1.2.3.4), port 5432 failed: "
        + "FATAL:  database \"absent\" does not exist\n",
      cause: .database, message: "The database absent does not exist."),
    Sample(
      name: "the image's own wait for the database",
      log: "Database connection failure: connection to server at \"db\" (172.18.0.2), port 5432 failed: "
        + "Connection refused\n",
      cause: .database, message: "The database server \"db\" does not answer.".replacing("\"", with: "")),
    Sample(
      name: "too many connections",
      log: started + "psycopg2.OperationalError: FATAL:  sorry, too many clients already\n", cause: .database,
      message: "The database server has no connection left."),
    Sample(
      name: "key twice",
      log:
        "Traceback (most recent call last):\n  File \"/usr/lib/python3/dist-packages/odoo/tools/config.py\"\n"
        + "configparser.DuplicateOptionError: While reading from '/etc/odoo/odoo.conf' [line 11]: "
        + "option 'workers' in section 'options' already exists\n",
      cause: .configuration, message: "odoo.conf has the key workers twice."),
    Sample(
      name: "syntax",
      log:
        "Traceback (most recent call last):\n  File \"x\"\nconfigparser.ParsingError: Source contains parsing "
        + "errors: '/etc/odoo/odoo.conf'\n\t[line 10]: 'garbage\\n'\n",
      cause: .configuration, message: "odoo.conf has a line that is no key = value."),
    Sample(
      name: "no section",
      log: "Traceback (most recent call last):\n  File \"x\"\n"
        + "configparser.MissingSectionHeaderError: File contains no section headers.\n",
      cause: .configuration, message: "odoo.conf has no [options] line."),
    Sample(
      name: "no number, 14.0",
      log: "Traceback (most recent call last):\n"
        + "  File \"/usr/lib/python3/dist-packages/odoo/tools/config.py\", line 481, in _parse_config\n"
        + "optparse.OptionValueError: option workers: invalid integer value: 'four'\n",
      cause: .configuration,
      message: "odoo.conf has a value that Odoo cannot read: option workers: invalid integer value: 'four'.",
      evidence: "optparse.OptionValueError: option workers: invalid integer value: 'four'"),
    Sample(
      name: "no number, 19.0",
      log: "Traceback (most recent call last):\n"
        + "  File \"/usr/lib/python3/dist-packages/odoo/tools/config.py\", line 870, in parse\n"
        + "ValueError: invalid literal for int() with base 10: 'four'\n",
      cause: .configuration,
      message: "odoo.conf has a value that Odoo cannot read: invalid literal for int() with base 10: 'four'."),
    Sample(
      name: "no option",
      log: "Usage: odoo [--addons-path=PATH,...] server [options]\n\n"
        + "odoo [--addons-path=PATH,...] server: error: no such option: --wrokers\n",
      cause: .configuration, message: "Odoo does not accept its configuration: no such option: --wrokers."),
    Sample(
      name: "no addons folder",
      log: "Usage: odoo [options]\n\nodoo: error: option --addons-path: no such directory: '/nope/x'\n",
      cause: .configuration, message: "The addons folder /nope/x does not exist."),
    Sample(
      name: "postgres as user", log: "Using the database user 'postgres' is a security risk, aborting.",
      cause: .configuration, message: "Odoo refuses to work as the database user postgres."),
    Sample(
      name: "port, threads",
      log: "2026-11-21 03:44:54,770 1 INFO ? odoo: database: shop@db:5432\nAddress already in use\n"
        + "Port 5432 is in use by another program. Either identify and stop that program, or start the server "
        + "with a different port.\n",
      cause: .portInUse, message: "The port 5432 is taken by another process."),
    Sample(
      name: "port, workers",
      log:
        "2026-11-21 03:44:54,770 1 INFO ? odoo.service.server: HTTP service (werkzeug) running on 0.0.0.0:5432\n"
        + "Traceback (most recent call last):\n  File \"server.py\", line 1054, in start\n"
        + "OSError: [Errno 98] Address already in use\n",
      cause: .portInUse, message: "The port that Odoo wants to listen on is taken by another process."),
    Sample(
      name: "server-wide module",
      log: "2026-11-21 03:45:12,545 1 CRITICAL ? odoo.modules.module: No module named 'odoo.addons.nope_x'\n"
        + "2026-11-21 03:45:12,545 1 ERROR ? odoo.service.server: Failed to load server-wide module `nope_x`.\n"
        + "Traceback (most recent call last):\n  File \"server.py\", line 1148\n"
        + "ModuleNotFoundError: No module named 'odoo.addons.nope_x'\n",
      cause: .unknownModule,
      message: "The module nope_x in server_wide_modules cannot be loaded: there is no odoo.addons.nope_x.",
      evidence: "Failed to load server-wide module `nope_x`."),
    Sample(
      name: "unknown modules",
      log:
        "2026-11-21 03:42:52,490 1 WARNING shop odoo.modules.loading: invalid module names, ignored: a_x, b_y \n",
      cause: .unknownModule, message: "Odoo does not find the modules a_x, b_y."),
    Sample(
      name: "Python package, 19.0, in Dutch",
      log: """
        2026-11-21 03:41:34,235 1 CRITICAL prep odoo.service.server: Failed to initialize database `prep`.
        Traceback (most recent call last):
          File "module.py", line 610, in check_python_external_dependency
        odoo.modules.module.MissingDependency: External dependency 'phonenumbers' not installed: No package metadata

        The above exception was the direct cause of the following exception:

        Traceback (most recent call last):
          File "server.py", line 1510, in preload_registries
        odoo.exceptions.UserError: Kan module "account_peppol" niet installeren omdat het niet kan: phonenumbers
        """, cause: .pythonPackage,
      message: "The module account_peppol needs the Python package phonenumbers."),
    Sample(
      name: "Python package, 14.0",
      log:
        "2026-11-21 03:41:34,235 1 CRITICAL prep odoo.service.server: Failed to initialize database `prep`.\n"
        + "Traceback (most recent call last):\n  File \"x\"\nException: Python library not installed: zeep\n",
      cause: .pythonPackage, message: "The Python package zeep is not installed."),
    Sample(
      name: "import of a package",
      log: "2026-11-21 03:41:34,235 1 CRITICAL prep odoo.modules.module: Couldn't load module shop_x\n"
        + "Traceback (most recent call last):\n  File \"x\"\nModuleNotFoundError: No module named 'pandas.core'\n",
      cause: .pythonPackage, message: "The Python package pandas is not installed."),
    Sample(
      name: "missing dependency of a module, 14.0",
      log:
        "2026-11-21 03:41:34,235 1 CRITICAL prep odoo.service.server: Failed to initialize database `prep`.\n"
        + "Traceback (most recent call last):\n  File \"x\"\n"
        + "odoo.exceptions.UserError: You try to install module 'shop_x' that depends on module 'shop_base'.\n"
        + "But the latter module is not available in your system.\n",
      cause: .unknownModule, message: "The module shop_x needs the module shop_base, which is not there."),
    Sample(
      name: "missing dependency of a module, 19.0",
      log:
        "2026-11-21 03:41:34,235 1 CRITICAL prep odoo.service.server: Failed to initialize database `prep`.\n"
        + "Traceback (most recent call last):\n  File \"x\"\n"
        + "odoo.exceptions.UserError: You try to install module \"shop_x\" that depends on module \"shop_base\".\n"
        + "But the latter module is not available in your system.\n",
      cause: .unknownModule, message: "The module shop_x needs the module shop_base, which is not there."),
    Sample(
      name: "modules not loaded",
      log: "2026-11-21 03:41:34,235 1 ERROR prep odoo.modules.loading: Some modules are not loaded, some "
        + "dependencies or manifest may be missing: ['a_x', 'b_y'] \n",
      cause: .module, message: "These modules could not be loaded: a_x, b_y."),
    Sample(
      name: "wrong import",
      log: "2026-11-21 03:41:34,235 1 CRITICAL prep odoo.modules.module: Couldn't load module shop_x\n"
        + "Traceback (most recent call last):\n  File \"x\"\n"
        + "ImportError: cannot import name 'Foo' from 'odoo.tools' (/usr/lib/x)\n",
      cause: .module, message: "The code cannot import Foo from odoo.tools."),
    Sample(
      name: "empty database",
      log:
        "2026-11-21 03:41:34,235 1 ERROR shop odoo.modules.loading: Database shop not initialized, you can force "
        + "it with `-i base`\n",
      cause: .databaseState, message: "The database shop is empty: Odoo has not been set up in it."),
    Sample(
      name: "code newer than database",
      log: "2026-11-21 03:41:34,235 1 ERROR shop odoo.sql_db: bad query: SELECT 1\n"
        + "ERROR: column res_users.new_one does not exist\nTraceback (most recent call last):\n  File \"x\"\n"
        + "psycopg2.errors.UndefinedColumn: column res_users.new_one does not exist\n",
      cause: .databaseState, message: "The code is newer than the database (res_users.new_one is missing)."),
    Sample(
      name: "limit of a process",
      log: "2026-11-21 03:41:34,235 1 CRITICAL shop odoo.modules.module: Couldn't load module mail\n"
        + "Traceback (most recent call last):\n  File \"x\"\nMemoryError\n",
      cause: .memory, message: "A process of Odoo reached its memory limit.", evidence: "MemoryError"),
    Sample(
      name: "killed child", log: "/entrypoint.sh: line 50:    42 Killed                  odoo \"$@\"\n",
      cause: .memory, message: "Odoo was killed, most often for lack of memory."),
    Sample(
      name: "folder, 14.0",
      log:
        "2026-11-21 03:41:34,235 1 CRITICAL shop odoo.service.server: Failed to initialize database `shop`.\n"
        + "Traceback (most recent call last):\n  File \"x\"\n"
        + "PermissionError: [Errno 13] Permission denied: '/var/lib/odoo/filestore'\n",
      cause: .permission, message: "Odoo may not open /var/lib/odoo/filestore."),
    Sample(
      name: "sessions",
      log: "Traceback (most recent call last):\n  File \"x\"\n"
        + "AssertionError: /var/lib/odoo/sessions: directory is not writable\n",
      cause: .permission, message: "Odoo may not write to /var/lib/odoo/sessions."),
    Sample(
      name: "disk",
      log: "2026-11-21 03:41:34,235 1 ERROR shop odoo.sql_db: bad query: INSERT\n"
        + "ERROR: could not extend file \"base/1/2\": No space left on device\n",
      cause: .disk, message: "The disk is full."),
    Sample(
      name: "Python",
      log:
        "Traceback (most recent call last):\n  File \"x\"\nAssertionError: Outdated python version detected, "
        + "Odoo requires Python >= 3.10 to run.\n",
      cause: .outdated, message: "Python is too old: Odoo requires Python >= 3.10."),
    Sample(
      name: "something new",
      log:
        "2026-11-21 03:41:34,235 1 CRITICAL shop odoo.service.server: Failed to initialize database `shop`.\n"
        + "Traceback (most recent call last):\n  File \"x\"\nKeyError: 'ir.http'\n",
      cause: .module, message: "Odoo could not load the database shop: KeyError: 'ir.http'.",
      evidence: "KeyError: 'ir.http'"),
  ]

  @Test(arguments: samples) func `a failure is not explained`(sample: Sample) {
    let reason = FailureReason.from(logTail: sample.log, exitCode: 1)
    #expect(reason.cause == sample.cause)
    #expect(reason.message == sample.message)
    #expect(reason.suggestion.hasSuffix("."))
    #expect(reason.evidence?.isEmpty == false)
    if let evidence = sample.evidence { #expect(reason.evidence == evidence) }
  }

  @Test(
    arguments: [
      (137, FailureReason.Cause.killed, "Odoo was killed from outside, most often for lack of memory."),
      (143, .killed, "Odoo was told to stop."),
      (139, .unknown, "Odoo crashed in native code (segmentation fault)."),
      (127, .configuration, "The program odoo is missing in the image or cannot be run."),
      (3, .silent, "Odoo ended with status 3 and did not say why."),
      (nil, .silent, "Odoo ended, and it is not known how."),
    ] as [(Int32?, FailureReason.Cause, String)])
  func `an exit status alone is not explained`(code: Int32?, cause: FailureReason.Cause, message: String) {
    let log = "2026-11-21 03:42:50,512 1 INFO ? odoo: Odoo version 19.0\n"
    let reason = FailureReason.from(logTail: log, exitCode: code)
    #expect(reason.cause == cause)
    #expect(reason.message == message)
    #expect(reason.evidence == "Odoo version 19.0")
  }

  @Test func `the kernel's word about memory is not believed`() {
    let reason = FailureReason.from(logTail: Self.samples[0].log, exitCode: 137, outOfMemory: true)
    #expect(reason.cause == .memory)
    #expect(reason.message == "Odoo was killed because memory ran out.")
  }

  @Test func `an old error is blamed after a new start`() {
    let log = """
      2026-11-20 10:00:00,000 1 ERROR shop odoo.sql_db: bad query: x
      ERROR: deadlock detected
      2026-11-21 10:00:00,000 1 INFO ? odoo: Odoo version 19.0
      2026-11-21 10:00:01,000 1 INFO shop odoo.modules.loading: Modules loaded.
      """
    #expect(FailureReason.from(logTail: log, exitCode: 137).cause == .killed)
  }

  @Test func `what a module says about another server is blamed on the database`() {
    let log = """
      2026-11-21 10:00:01,000 1 ERROR shop odoo.addons.shop_x: cannot reach the bank
      Traceback (most recent call last):
        File "x"
      requests.exceptions.ConnectionError: [Errno 111] Connection refused
      """
    let reason = FailureReason.from(logTail: log, exitCode: 1)
    #expect(reason.cause == .module)
  }

  @Test func `a reason at the end of an endless record is not seen`() {
    let middle = String(repeating: "  File \"x\", line 1, in f\n", count: 1_900)
    let log =
      "2026-11-21 03:41:34,235 1 CRITICAL shop odoo.service.server: Failed to initialize database `shop`.\n"
      + "Traceback (most recent call last):\n\(middle)MemoryError\n"
    #expect(FailureReason.from(logTail: log, exitCode: 255).cause == .memory)
  }
}
