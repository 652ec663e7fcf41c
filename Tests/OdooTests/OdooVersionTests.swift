import Foundation
import Testing

@testable import Odoo

/// One row a version, typed in from what is known of Odoo, not derived from the code under test.
struct VersionRow: Sendable, CustomTestStringConvertible {
  var version: OdooVersion
  var python: (String, String)
  var postgres: (minimum: Int, given: Int)
  var portKey: String
  var livePath: String
  var health: String?
  var deepHealth: String?
  var geventHealth: String?
  var landing: String
  var session: (SessionFormat, String)
  var demo: DemoData
  var interface: String
  var modules: [String]
  var dataDir: String
  var requests: Int
  var commands: [String]

  var testDescription: String { version.rawValue }

  static let common = ["server", "shell", "scaffold", "cloc", "populate"]
  static let sid40 = String(repeating: "0a", count: 20)
  static let sid84 = String(repeating: "Zz-_", count: 21)

  static let all: [VersionRow] = [
    VersionRow(
      version: .v14, python: ("3.6", "3.10"), postgres: (12, 15), portKey: "longpolling_port",
      livePath: "/longpolling", health: nil, deepHealth: nil, geventHealth: nil, landing: "/web",
      session: (.pickle, "sessions/werkzeug_\(sid40).sess"), demo: .onUnlessRefused, interface: "",
      modules: ["base", "web"], dataDir: "/var/lib/odoo", requests: 8_192, commands: common),
    VersionRow(
      version: .v15, python: ("3.7", "3.12"), postgres: (12, 15), portKey: "longpolling_port",
      livePath: "/longpolling", health: "/web/health", deepHealth: nil, geventHealth: "/longpolling/health",
      landing: "/web", session: (.pickle, "sessions/werkzeug_\(sid40).sess"), demo: .onUnlessRefused,
      interface: "", modules: ["base", "web"], dataDir: "/var/lib/odoo", requests: 8_192, commands: common),
    VersionRow(
      version: .v16, python: ("3.7", "3.13"), postgres: (12, 15), portKey: "gevent_port",
      livePath: "/websocket", health: "/web/health", deepHealth: nil, geventHealth: "/websocket/health",
      landing: "/web", session: (.pickle, "sessions/0a/\(sid40)"), demo: .onUnlessRefused, interface: "",
      modules: ["base", "web"], dataDir: "/var/lib/odoo", requests: 65_536,
      commands: common + ["db", "neutralize"]),
    VersionRow(
      version: .v17, python: ("3.10", "3.14"), postgres: (12, 17), portKey: "gevent_port",
      livePath: "/websocket", health: "/web/health", deepHealth: "/web/health?db_server_status=1",
      geventHealth: "/websocket/health", landing: "/web", session: (.pickle, "sessions/0a/\(sid40)"),
      demo: .onUnlessRefused, interface: "", modules: ["base", "web"], dataDir: "/var/lib/odoo",
      requests: 65_536, commands: common + ["db", "neutralize", "obfuscate"]),
    VersionRow(
      version: .v18, python: ("3.10", "3.14"), postgres: (12, 17), portKey: "gevent_port",
      livePath: "/websocket", health: "/web/health", deepHealth: "/web/health?db_server_status=1",
      geventHealth: "/websocket/health", landing: "/odoo", session: (.json, "sessions/Zz/\(sid84)"),
      demo: .onUnlessRefused, interface: "", modules: ["base", "web"], dataDir: "/var/lib/odoo",
      requests: 65_536, commands: common + ["db", "neutralize", "obfuscate", "upgrade_code"]),
    VersionRow(
      version: .v19, python: ("3.10", "3.14"), postgres: (13, 17), portKey: "gevent_port",
      livePath: "/websocket", health: "/web/health", deepHealth: "/web/health?db_server_status=1",
      geventHealth: "/websocket/health", landing: "/odoo", session: (.json, "sessions/Zz/\(sid84)"),
      demo: .offUnlessRequested, interface: "0.0.0.0", modules: ["base", "rpc", "web"],
      dataDir: "/var/lib/Odoo", requests: 65_536,
      commands: common + ["db", "neutralize", "obfuscate", "upgrade_code", "module", "i18n"]),
  ]
}

struct OdooVersionTests {
  @Test func `every version has a row in these tests`() {
    #expect(VersionRow.all.map(\.version) == OdooVersion.allCases)
  }

  @Test(arguments: VersionRow.all) func `a fact of a version is wrong`(row: VersionRow) {
    let version = row.version
    #expect(version.minimumPython.description == row.python.0)
    #expect(version.newestPython.description == row.python.1)
    #expect(version.minimumPostgres == row.postgres.minimum)
    #expect(version.defaultPostgres == row.postgres.given)
    #expect(version.geventPortKey == row.portKey)
    #expect(version.livePath == row.livePath)
    #expect(version.usesWebSocket == (row.livePath == "/websocket"))
    #expect(version.health?.path == row.health)
    #expect(version.health?.withDatabaseServer == row.deepHealth)
    #expect(version.geventHealthPath == row.geventHealth)
    #expect(version.landingPath == row.landing)
    #expect(version.sessionFormat == row.session.0)
    #expect(version.demoData == row.demo)
    #expect(version.defaultHTTPInterface == row.interface)
    #expect(version.defaultServerWideModules == row.modules)
    #expect(version.fallbackDataDir == row.dataDir)
    #expect(version.defaultRequestLimit == row.requests)
    #expect(version.commands.map(\.rawValue) == row.commands)
    let sid = version >= .v18 ? VersionRow.sid84 : VersionRow.sid40
    #expect(version.sessionFile(sid) == row.session.1)
  }

  @Test(arguments: OdooVersion.allCases)
  func `a session id that leads out of the folder becomes a path`(version: OdooVersion) {
    let length = version.sessionIdLength
    #expect(version.sessionFile("../" + String(repeating: "a", count: length - 3)) == nil)
    #expect(version.sessionFile(String(repeating: "a", count: length - 1)) == nil)
    #expect(version.sessionFile(String(repeating: "é", count: length / 2)) == nil)
    #expect(version.sessionFile("") == nil)
  }

  @Test func `versions sort or encode wrongly`() throws {
    #expect(OdooVersion.allCases.sorted() == OdooVersion.allCases)
    #expect(OdooVersion.v9Text.allSatisfy { (try? OdooVersion.parse($0)) == nil })
    #expect(OdooVersion.v14 < .v19)
    let encoded = try JSONEncoder().encode([OdooVersion.v19])
    #expect(String(decoding: encoded, as: UTF8.self) == #"["19.0"]"#)
    #expect(try JSONDecoder().decode([OdooVersion].self, from: encoded) == [.v19])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([OdooVersion].self, from: Data(#"["20.0"]"#.utf8))
    }
  }

  @Test func `an unknown version is not told which there are`() throws {
    #expect(try OdooVersion.parse("18") == .v18)
    #expect(try OdooVersion.parse("18.0") == .v18)
    let problem = #expect(throws: InputProblem.self) { try OdooVersion.parse("13.0") }
    #expect(problem?.field == "version")
    #expect(problem?.message == "There is no Odoo version \"13.0\".")
    #expect(problem?.suggestion == "Choose one of 14.0, 15.0, 16.0, 17.0, 18.0, 19.0.")
  }

  @Test func `environment variables that win over the file are not known`() {
    for version in OdooVersion.allCases where version < .v19 { #expect(version.settingVariables.isEmpty) }
    let variables = OdooVersion.v19.settingVariables
    #expect(variables["db_name"] == "PGDATABASE")
    #expect(variables["db_host"] == "PGHOST")
    #expect(variables["db_template"] == "PGDATABASE_TEMPLATE")
    #expect(variables["workers"] == "ODOO_WORKERS")
    #expect(variables["dev_mode"] == "ODOO_DEV")
    #expect(variables["admin_passwd"] == "ODOO_ADMIN_PASSWD")
    #expect(variables["init"] == nil)
    #expect(variables["longpolling_port"] == nil)
    #expect(!variables.values.contains("ODOO_VERSION") && !variables.values.contains("ODOO_STAGE"))
  }
}

extension OdooVersion {
  fileprivate static let v9Text = ["", "9.0", "19.1", "019.0", " 19.0", "saas-17.2", "19.0\n", "v19"]
}
