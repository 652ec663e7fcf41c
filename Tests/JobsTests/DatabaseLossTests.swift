import Foundation
import Postgres
import PostgresTesting
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
    try await withQueue { queue in
      let (begun, go) = (Gate(), Gate())
      let script = Script { step, _ in
        if step == "two" {
          begun.open()
          try await go.wait()
        }
        return .done
      }
      try await withWorker(queue, script) { _ in
        let id = try await queue.enqueue(Create()).id
        try await begun.wait()
        try await queue.database.execute(
          """
          CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              PERFORM nextval('refusals');
              RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
            END
          $$
          """)
        try await queue.database.execute("CREATE SEQUENCE refusals")
        try await queue.database.execute(
          "CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON job_step FOR EACH ROW EXECUTE FUNCTION refuse()")
        go.open()
        try await eventually("it was refused, more than once") {
          try await queue.database.query("SELECT last_value > 2 AS is_so FROM refusals").first?.get("is_so") ?? false
        }
        try await queue.database.execute("DROP TRIGGER refuse ON job_step")
        let job = try await queue.end(of: id)
        #expect(job.state == .succeeded && job.interruptions == 0)
      }
      #expect(script.events == ["one", "two", "three", "succeeded"])
    }
  }
}
