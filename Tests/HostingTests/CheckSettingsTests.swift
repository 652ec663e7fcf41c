import Odoo
import Testing

@testable import Hosting

@Suite struct CheckSettingsTests {
  func check(
    stage: Stage = .dev, cores: Int = 2, prefix: String = "", _ change: (inout SettingsChange) -> Void
  ) throws -> CheckedSettings {
    var wanted = SettingsChange()
    change(&wanted)
    return try wanted.checked(
      onto: InstanceSettings(defaultsOf: stage), version: .v19, stage: stage, cores: cores, prefix: prefix)
  }

  @Test func `nothing asked for leaves the defaults`() throws {
    let checked = try check { _ in }
    #expect(checked.settings == InstanceSettings(defaultsOf: .dev))
    #expect(checked.notes.isEmpty)
  }

  @Test func `a key of the snippet that has a field of its own moves there, and a note says so`() throws {
    let checked = try check { $0.odooConf = "workers = 4\nlog_db = audit\n" }
    #expect(checked.settings.workers == 4)
    #expect(checked.settings.odooConf == "log_db = audit\n")
    #expect(checked.notes.contains { $0.contains("workers") && $0.contains("moved") })
  }

  @Test(arguments: [
    ("workers = 2\nworkers = 3\n", "workers"), ("[other]\n", "other"), ("data_dir = /tmp\n", "data_dir"),
    ("this is no line of a configuration\n", "line"),
  ])
  func `a snippet that would keep Odoo from starting is refused with its line`(text: String, word: String) {
    let error = #expect(throws: HostingError.self) { try check(prefix: "settings.") { $0.odooConf = text } }
    #expect(error?.code == .invalid)
    #expect(error?.fields.first?.name == "settings.odooConf")
    #expect(error?.fields.first?.message.contains("Line") == true)
    #expect(error?.fields.first?.message.lowercased().contains(word) == true)
  }

  @Test func `a memory limit below what the workers need is refused with what they need`() {
    let error = #expect(throws: HostingError.self) {
      try check {
        $0.workers = 4
        $0.odoo.memoryMB = 1024
      }
    }
    #expect(error?.fields.map(\.name) == ["odoo.memoryMB"])
    #expect(error?.message.contains("1712") == true)
  }

  @Test func `the workers that the advice gives count against the memory limit too`() {
    // Two cores advise five workers for production: 5 × 300 + 512 MB.
    let error = #expect(throws: HostingError.self) {
      try check(stage: .production) { $0.odoo.memoryMB = 2000 }
    }
    #expect(error?.message.contains("2012") == true)
    #expect(throws: Never.self) { try check(stage: .production) { $0.odoo.memoryMB = 2012 } }
  }

  @Test func `a limit that replaces each worker after its request is remarked on, once`() throws {
    let checked = try check { $0.workerMemoryMB = 200 }
    #expect(checked.settings.workerMemoryMB == 200)
    #expect(checked.notes.count == 1)
    #expect(checked.notes.first?.hasPrefix("A worker takes 300 MB, and its limit is 200 MB") == true)
    #expect(try check { $0.workerMemoryMB = 0 }.notes == [])
    var later = SettingsChange()
    later.cronThreads = 3
    let again = try later.checked(onto: checked.settings, version: .v19, stage: .dev, cores: 2)
    #expect(again.notes == [])
  }

  @Test func `every field at fault is named at once`() {
    let error = #expect(throws: HostingError.self) {
      try check {
        $0.workers = -1
        $0.cronThreads = 5_000
        $0.logLevel = "loud"
        $0.database.shmMB = 0
        $0.databaseFilter = "(["
      }
    }
    #expect(
      Set(error?.fields.map(\.name) ?? []) == [
        "workers", "cronThreads", "logLevel", "database.shmMB", "databaseFilter",
      ])
  }

  @Test func `a reservation above the limit is refused`() {
    let error = #expect(throws: HostingError.self) {
      try check {
        $0.database.memoryMB = 512
        $0.database.memoryReservationMB = 1024
      }
    }
    #expect(error?.fields.map(\.name) == ["database.memoryReservationMB"])
  }

  @Test func `what only Odoo reads needs a soft restart, what containers are made of a hard one`() {
    let applied = InstanceSettings(defaultsOf: .dev)
    var wanted = applied
    #expect(wanted.restart(from: applied) == .none)
    wanted.odooConf = "log_db = audit"
    #expect(wanted.restart(from: applied) == .soft)
    wanted.workers = 3
    #expect(wanted.restart(from: applied) == .hard)
    wanted = applied
    wanted.odoo.memoryMB = 4096
    #expect(wanted.restart(from: applied) == .hard)
    #expect(wanted.restart(from: nil) == .none, "before the first start everything is new")
  }
}
