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
}
