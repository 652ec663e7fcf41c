import Testing

@testable import Odoo

struct LogVerdictTests {
  private let good = """
    2026-11-21 03:35:55,354 1 INFO ? odoo: Odoo version 19.0
    2026-11-21 03:35:56,044 1 INFO shop odoo.modules.loading: 1 modules loaded in 0.00s, 0 queries (+0 extra)
    2026-11-21 03:35:56,749 1 INFO shop odoo.modules.loading: 44 modules loaded in 0.70s, 0 queries (+0 extra)
    2026-11-21 03:35:56,819 1 INFO shop odoo.modules.loading: Modules loaded.

    """

  @Test func `a good run is not a success`() {
    let verdict = LogVerdict(log: good)
    #expect(verdict.outcome(exitCode: 0) == .success)
    #expect(verdict.modulesLoaded == 44)
  }

  @Test func `warnings are lost, or Python's own ones are counted`() {
    let verdict = LogVerdict(
      log: good + "2026-11-21 03:35:57,000 1 WARNING shop odoo.x: odd\n"
        + "2026-11-21 03:35:57,000 1 WARNING ? py.warnings: /usr/lib/x.py:1: DeprecationWarning: old\n")
    #expect(verdict.outcome(exitCode: 0) == .warnings(1))
    #expect(verdict.warnings.map(\.message) == ["odd"])
  }

  @Test func `a run with an error in its log and status 0 is a success`() {
    let verdict = LogVerdict(log: good + "2026-11-21 03:35:57,000 1 ERROR shop odoo.x: broken\n")
    guard case .failure(let reason) = verdict.outcome(exitCode: 0) else {
      Issue.record("not a failure")
      return
    }
    #expect(reason.message == "Odoo stopped with an error: broken.")
  }

  @Test func `a module that Odoo did not find passes`() {
    let verdict = LogVerdict(
      log:
        "2026-11-21 03:42:52,490 1 WARNING shop odoo.modules.loading: invalid module names, ignored: a_x, b_y \n"
        + good)
    #expect(verdict.ignoredModules == ["a_x", "b_y"])
    guard case .failure(let reason) = verdict.outcome(exitCode: 0) else {
      Issue.record("not a failure")
      return
    }
    #expect(reason.cause == .unknownModule)
  }

  @Test func `a run that was killed without a word is a success`() {
    guard case .failure(let reason) = LogVerdict(log: good).outcome(exitCode: 137, outOfMemory: true) else {
      Issue.record("not a failure")
      return
    }
    #expect(reason.cause == .memory)
    #expect(LogVerdict(log: good).outcome(exitCode: nil) != .success)
    #expect(LogVerdict(log: "").outcome(exitCode: 255) != .success)
  }

  @Test func `a flood of errors fills the memory, or its first one is forgotten`() {
    var verdict = LogVerdict()
    for index in 0..<20_000 {
      for line in LogParser.records(in: "2026-11-21 03:35:57,000 1 ERROR shop odoo.x: error \(index)\n") {
        verdict.take(line)
      }
    }
    #expect(verdict.errorCount == 20_000)
    #expect(verdict.errors.count == LogVerdict.kept)
    #expect(verdict.errors.first?.message == "error 0")
  }
}
