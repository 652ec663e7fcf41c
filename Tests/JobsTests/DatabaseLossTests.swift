import Foundation
import Postgres
import PostgresTesting
import Synchronization
import Testing

@testable import Jobs

@Suite("A killed database server")
struct DatabaseLossTests {
  @Test("jobs go on where they were when the server is back, and nobody is taken for dead meanwhile")
  func killedServer() async throws {
    let cluster = try PrivateCluster(folder: try temporaryFolder(), logger: .quiet)
    try await cluster.start()
    let keeper = Task { await cluster.keepRunning() }
    let database = Database(cluster.configuration, connections: 4, logger: .quiet)
    try await Migrator(JobQueue.migrations).migrate(database)
    let queue = JobQueue(database, logger: .quiet)
    let (begun, go) = (Gate(), Gate())
    let script = Script { step, run in
      if step == "two", run.lease == 1 {
        begun.open()
        try await go.wait()
      }
      run.log("\(step) is done")
      return .done
    }
    try await withWorker(queue, script) { _ in
      let id = try await queue.enqueue(Create()).id
      try await begun.wait()
      let pid = try #require(await cluster.processID)
      kill(pid, SIGKILL)
      try await eventually("the server is gone") { await cluster.processID != pid }
      go.open()
      let job = try await queue.end(of: id)
      #expect(job.state == .succeeded && job.interruptions == 0)
      let lines = try await queue.log(of: id)
      #expect(lines.map(\.line) == ["one is done", "two is done", "three is done"])
    }
    #expect(script.events == ["one", "two", "three", "succeeded"])
    keeper.cancel()
    await keeper.value
    await database.close()
    await cluster.stop()
  }

  @Test("a job ends in failure, or hangs for ever, where the database has no room for a while")
  func fullDisk() async throws {
    let interruptions = try await interruptions(
      by: "53100", of: "could not extend file: No space left on device")
    #expect(interruptions == 0)
  }

  @Test("a job counts as running for ever where the database refuses what nobody foresaw")
  func unforeseen() async throws {
    let interruptions = try await interruptions(by: "XX000", of: "unexpected")
    #expect(interruptions > 0)
  }

  /// How often a job was handed on that succeeded although the database had refused its steps for a while.
  private func interruptions(by code: String, of message: String) async throws -> Int {
    let interruptions = Atomic(0)
    try await withQueue { queue in
      let (begun, go) = (Gate(), Gate())
      let script = Script { step, run in
        if step == "two", run.lease == 1 {
          begun.open()
          try await go.wait()
        }
        return .done
      }
      try await withWorker(queue, script) { _ in
        let database = queue.database
        let id = try await queue.enqueue(Create()).id
        try await begun.wait()
        try await database.execute("CREATE SEQUENCE refusals")
        try await database.execute("CREATE TABLE refusal (code text, message text)")
        try await database.execute("INSERT INTO refusal VALUES (\(code), \(message))")
        try await database.execute(
          """
          CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              PERFORM nextval('refusals');
              RAISE EXCEPTION USING MESSAGE = (SELECT message FROM refusal), ERRCODE = (SELECT code FROM refusal);
            END
          $$
          """)
        try await database.execute(
          "CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON job_step FOR EACH ROW EXECUTE FUNCTION refuse()")
        go.open()
        try await eventually("it was refused, more than once") {
          try await database.query("SELECT last_value > 2 AS is_so FROM refusals").first?.get("is_so")
            ?? false
        }
        let job = try #require(try await queue.job(id))
        interruptions.store(job.interruptions, ordering: .relaxed)
        try await database.execute("DROP TRIGGER refuse ON job_step")
        #expect(try await queue.end(of: id).state == .succeeded)
      }
      #expect(Set(script.events) == ["one", "two", "three", "succeeded"])
      #expect(script.events.count { $0 == "succeeded" } == 1)
    }
    return interruptions.load(ordering: .relaxed)
  }
}
