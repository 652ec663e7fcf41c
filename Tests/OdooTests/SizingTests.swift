import Testing

@testable import Odoo

struct SizingTests {
  @Test(arguments: [
    // cores, MB, workers, cron threads, MB needed
    (1, 2_048, 3, 1, 1_412), (2, 4_096, 5, 1, 2_012), (2, 24_000, 5, 1, 2_012), (4, 8_192, 9, 1, 3_212),
    (4, 2_048, 5, 1, 2_012), (8, 4_096, 11, 2, 3_812), (16, 65_536, 33, 5, 10_412),
    (64, 262_144, 129, 8, 39_212), (2, 1_112, 2, 1, 1_112), (2, 1_111, 0, 1, 512), (2, 300, 0, 1, 512),
    (0, 4_096, 3, 1, 1_412),
  ])
  func `advice does not fit the machine`(cores: Int, memory: Int, workers: Int, cron: Int, need: Int) {
    let advice = Sizing.advice(cores: cores, memory: memory)
    #expect(advice.workers == workers)
    #expect(advice.cronThreads == cron)
    #expect(advice.memoryNeeded == need)
    #expect(advice.memoryPerWorker == 2_048)
    #expect(advice.users == workers * 6)
    #expect(advice.reason.hasSuffix("."))
    #expect(workers == 0 || advice.memoryNeeded <= memory)
  }

  @Test func `the reason for an advice is another one`() {
    #expect(Sizing.advice(cores: 2, memory: 8_192).reason == "5 workers: cores × 2 + 1.")
    #expect(
      Sizing.advice(cores: 8, memory: 4_096).reason
        == "Memory is the limit: 11 workers of 300 MB and 512 MB for the rest.")
    #expect(
      Sizing.advice(cores: 2, memory: 900).reason
        == "900 MB are too little for two workers (1112 MB), so one process serves everything with threads.")
    #expect(
      Sizing.advice(cores: 4, memory: 8_192, workersWanted: 3).reason
        == "As many workers as are asked for; 9 would be the most for 4 cores.")
    #expect(Sizing.advice(cores: 4, memory: 8_192, workersWanted: 0).workers == 0)
    #expect(Sizing.advice(cores: 4, memory: 8_192, workersWanted: 0).reason.hasPrefix("One process"))
  }

  @Test func `a memory limit below what the workers need passes`() {
    #expect(Sizing.problem(memoryLimit: 0, workers: 9) == nil)
    #expect(Sizing.problem(memoryLimit: 1_112, workers: 2) == nil)
    #expect(
      Sizing.problem(memoryLimit: 1_111, workers: 2)
        == InputProblem(
          field: "memoryLimit",
          message:
            "2 workers need 1112 MB (300 MB each and 512 MB for the rest), and the memory limit is 1111 MB.",
          suggestion: "Raise the limit to 1112 MB or more, or set the workers to 0."))
    #expect(
      Sizing.problem(memoryLimit: 1_500, workers: 8)?.suggestion
        == "Raise the limit to 2912 MB or more, or use at most 3 workers.")
    #expect(
      Sizing.problem(memoryLimit: 100, workers: 0)?.description
        == "An instance without workers needs 512 MB, and the memory limit is 100 MB. "
        + "Raise the limit to 512 MB or more.")
    #expect(Sizing.problem(memoryLimit: 600, workers: 1)?.message.hasPrefix("1 worker needs 812 MB") == true)
  }

  @Test func `a limit that replaces a worker after each request passes`() {
    #expect(Sizing.problem(memoryPerWorker: 0) == nil)
    #expect(Sizing.problem(memoryPerWorker: 300) == nil)
    #expect(Sizing.problem(memoryPerWorker: 299)?.field == "memoryPerWorker")
  }

  @Test func `an instance asks for more than its limit`() {
    #expect(Sizing.Demand(workers: 5).memory == 2_012)
    #expect(Sizing.Demand(workers: 2, memoryLimit: 600).memory == 600)
    #expect(Sizing.Demand(workers: 2, memoryLimit: 8_000).memory == 1_112)
  }
}

struct ConnectionPlanTests {
  /// The worst case that the server must allow, written out apart from the code.
  private func worstCase(_ plan: ConnectionPlan, _ version: OdooVersion, workers: Int, cron: Int) -> Int {
    if workers == 0 { return plan.perProcess }
    return (workers + cron) * plan.perProcess + (plan.gevent ?? plan.perProcess)
  }

  @Test(arguments: OdooVersion.allCases) func `the processes may open more than the server allows`(
    version: OdooVersion
  ) throws {
    for workers in [0, 1, 2, 5, 9, 33] {
      for cron in [0, 1, 2, 5] {
        let plan = ConnectionPlan(version: version, workers: workers, cronThreads: cron)
        #expect(worstCase(plan, version, workers: workers, cron: cron) + 10 == plan.maxConnections)
        #expect((plan.gevent != nil) == (version >= .v17 && workers > 0))
        for granted in [20, 50, 100, 200, 400, 1_000] {
          do throws(InputProblem) {
            let fitted = try ConnectionPlan(
              version: version, workers: workers, cronThreads: cron, granted: granted)
            #expect(worstCase(fitted, version, workers: workers, cron: cron) + 10 <= granted)
            #expect(fitted.perProcess >= 2)
            #expect((fitted.gevent != nil) == (plan.gevent != nil))
          } catch {
            // Refused only where two connections for each process do not fit.
            let least = workers == 0 ? 2 + cron : (workers + cron + 1) * 2
            #expect(granted < least + 10, "\(version) \(workers) \(cron) \(granted)")
          }
        }
      }
    }
  }

  @Test func `a typical plan changes`() throws {
    let plan = ConnectionPlan(version: .v19, workers: 5, cronThreads: 2)
    #expect(plan.perProcess == 8 && plan.gevent == 32 && plan.maxConnections == 98)
    let old = ConnectionPlan(version: .v16, workers: 5, cronThreads: 2)
    #expect(old.perProcess == 16 && old.gevent == nil && old.maxConnections == 138)
    let threads = ConnectionPlan(version: .v19, workers: 0, cronThreads: 2)
    #expect(threads.perProcess == 34 && threads.gevent == nil && threads.maxConnections == 44)
    let fitted = try ConnectionPlan(version: .v19, workers: 5, cronThreads: 2, granted: 60)
    #expect(fitted.perProcess == 6 && fitted.gevent == 8 && fitted.maxConnections == 60)
    let problem = #expect(throws: InputProblem.self) {
      try ConnectionPlan(version: .v19, workers: 33, cronThreads: 2, granted: 50)
    }
    #expect(
      problem?.message == "The database server grants 50 connections, and 36 processes of Odoo need 82.")
  }
}

struct PostgresTuningTests {
  private func value(_ name: String, _ settings: [PostgresTuning.Setting]) -> String? {
    settings.first { $0.name == name }?.value
  }

  @Test func `a small server grows, or loses its consistency`() {
    let settings = PostgresTuning.settings(for: .small, memory: 99_999, maxConnections: 44)
    #expect(value("shared_buffers", settings) == "32MB")
    #expect(value("max_connections", settings) == "44")
    #expect(value("jit", settings) == "off")
    #expect(value("fsync", settings) == nil && value("full_page_writes", settings) == nil)
    #expect(value("wal_level", settings) == nil)
  }

  @Test(arguments: [
    (512, "128MB", "384MB", "4MB", "64MB"), (4_096, "1024MB", "3072MB", "10MB", "256MB"),
    (65_536, "8192MB", "49152MB", "64MB", "1024MB"), (0, "128MB", "384MB", "4MB", "64MB"),
  ])
  func `a full server does not use its memory`(
    memory: Int, buffers: String, cache: String, work: String, maintenance: String
  ) {
    let settings = PostgresTuning.settings(for: .full, memory: memory, maxConnections: 98)
    #expect(value("shared_buffers", settings) == buffers)
    #expect(value("effective_cache_size", settings) == cache)
    #expect(value("work_mem", settings) == work)
    #expect(value("maintenance_work_mem", settings) == maintenance)
    #expect(value("synchronous_commit", settings) == nil)
  }

  @Test func `a setting is given twice`() {
    for purpose in [PostgresTuning.Purpose.small, .full] {
      let names = PostgresTuning.settings(for: purpose, memory: 2_048, maxConnections: 98).map(\.name)
      #expect(Set(names).count == names.count)
    }
  }
}
