import Foundation
import Jobs
import Postgres
import PostgresTesting
import Testing

@Suite("Asking for jobs")
struct EnqueueTests {
  @Test("a second job on a subject is refused with the first one's number, and the transaction goes on")
  func conflict() async throws {
    try await withQueue { queue in
      let subject = UUID()
      let first = try await queue.enqueue(Create(), options: .init(subject: subject))
      let jobs = try await queue.database.transaction { connection in
        let error = try await #require(throws: JobConflict.self) {
          try await queue.enqueue(Remove(), options: .init(subject: subject), in: connection)
        }
        #expect(error.activeJobID == first.id)
        #expect(error.kind == "test.create")
        #expect(error.description.contains("'test.create' (\(first.id.uuidString.lowercased()))"))
        return try await connection.query("SELECT id FROM job").count
      }
      #expect(jobs == 1)
    }
  }

  @Test("of many requests at once for a subject, one wins", arguments: Keeping.allCases)
  func race(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let subject = UUID()
      let won = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<20 {
          group.addTask { (try? await queue.enqueue(Create(), options: .init(subject: subject))) != nil }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(won == 1)
    }
  }

  @Test("a subject is free again when its job has ended", arguments: Keeping.allCases)
  func freed(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let options = EnqueueOptions(subject: UUID())
      try await withWorker(queue, Script()) { _ in
        let first = try await queue.enqueue(Create(), options: options)
        #expect(try await queue.end(of: first.id).state == .succeeded)
        let second = try await queue.enqueue(Create(), options: options)
        #expect(try await queue.end(of: second.id).state == .succeeded)
      }
    }
  }

  @Test("the same request twice gets the same job, also after that has ended", arguments: Keeping.allCases)
  func idempotency(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let options = EnqueueOptions(subject: UUID(), idempotencyKey: "org/create/demo")
      let first = try await queue.enqueue(Create(), options: options)
      let second = try await queue.enqueue(Create(), options: options)
      #expect(first.isNew && !second.isNew && first.id == second.id)
      try await withWorker(queue, Script()) { _ in
        let job = try await queue.end(of: first.id)
        #expect(job.state == .succeeded)
      }
      #expect(try await queue.enqueue(Create(), options: options) == second)
      var superseding = options
      superseding.superseding = true
      #expect(try await queue.enqueue(Create(), options: superseding) == second)
    }
  }

  @Test("a job asked for in a transaction that is undone was never there")
  func inTransaction() async throws {
    try await withQueue { queue in
      await #expect(throws: Fault.self) {
        try await queue.database.transaction { connection in
          try await queue.enqueue(Create(), in: connection)
          throw Fault()
        }
      }
      let jobs = try await queue.jobs()
      #expect(jobs.isEmpty)
    }
  }

  @Test("what is asked for is what is listed, newest first and page by page", arguments: Keeping.allCases)
  func listing(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let (organisation, subject) = (UUID(), UUID())
      var ids: [UUID] = []
      for number in 0..<5 {
        ids.append(
          try await queue.enqueue(Ping(number: number), options: .init(organisation: organisation)).id)
      }
      let other = try await queue.enqueue(
        Create(), options: .init(subject: subject, requestedBy: "ada", priority: -5))
      let first = try await queue.jobs(.init(organisation: organisation), limit: 2)
      #expect(first.map(\.id) == [ids[4], ids[3]])
      let next = try await queue.jobs(.init(organisation: organisation), before: ids[3])
      #expect(next.map(\.id) == [ids[2], ids[1], ids[0]])
      let found = try await queue.jobs(.init(subject: subject, kinds: ["test.create"], states: [.queued]))
      #expect(found.map(\.id) == [other.id])
      #expect(found[0].requestedBy == "ada" && found[0].priority == -5)
      #expect(try await queue.jobs(.init(states: [.failed])).isEmpty)
    }
  }

  @Test("many jobs in one statement are all done", arguments: Keeping.allCases)
  func batch(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let script = Script()
      let ids = try await queue.enqueue(contentsOf: (0..<500).map { Ping(number: $0) })
      try await withWorker(queue, script) { _ in
        try await eventually("all are done") {
          try await queue.jobs(.init(states: [.succeeded]), limit: 1_000).count == 500
        }
      }
      #expect(Set(script.events).count == 500 && script.events.count == 500)
      #expect(Set(ids).count == 500)
    }
  }

  @Test("numbers made later sort later")
  func numbers() {
    let early = UUID.v7(at: Date(timeIntervalSince1970: 1_000_000))
    let late = UUID.v7(at: Date(timeIntervalSince1970: 1_000_000.001))
    #expect(early.uuidString < late.uuidString)
    #expect(Array(late.uuidString)[14] == "7")
    #expect("89AB".contains(Array(late.uuidString)[19]))
    #expect(Set((0..<1_000).map { _ in UUID.v7() }).count == 1_000)
  }
}
