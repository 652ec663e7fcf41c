import Foundation
import JobsTesting
import Postgres
import Synchronization
import Testing

@testable import Jobs

@Suite("Workers in virtual time")
struct SimulationTests {
  /// Three workers, one of which ends early, on a store that is slow and breaks its connections by chance, with jobs
  /// of six organisations that fail, sleep, wait and are called off. Returns what happened when.
  private func history(seed: UInt64, jobs count: Int = 120) async throws -> [String] {
    let time = VirtualTime(seed: seed)
    return try await time.run(limit: .seconds(6 * 3_600)) {
      let history = Mutex<[String]>([])
      @Sendable func note(_ text: String) { history.withLock { $0.append("\(time.now.offset) \(text)") } }
      let database = MemoryDatabase()
      database.setFault { moment in
        try await time.sleep(for: .microseconds(200 + time.random() % 3_000))
        if time.random() % 50 == 0 { throw PostgresError(.connectionLost, "broken at \(moment)") }
      }
      let queue = JobQueue(
        store: MemoryJobStore(database) { time.date }, surroundings: time.surroundings, logger: .quiet)
      let script = Script(
        { step, run in
          note("\(run.jobID) \(step) \(run.attempt) \(run.lease)")
          try await time.sleep(for: .milliseconds(Int(time.random() % 2_000)))
          switch time.random() % 12 {
          case 0 where step == "one": throw Fault(isRetryable: true)
          case 1 where run.lease < 4: return .snooze(.seconds(90), "sleeps")
          case 2 where run.lease < 4: throw Await("Waits.", pause: .seconds(60), limit: .seconds(7_200))
          default: return .done
          }
        }, undo: { step, run in note("\(run.jobID) undo \(step)") },
        finished: { outcome, _ in note("\(outcome.state)") })
      var kinds = JobKinds()
      kinds.add(Create.self, context: script)
      kinds.add(Ping.self, context: script)
      let workers = (0..<3).map { number in
        let worker = Worker(
          queue: queue, kinds: kinds, concurrency: 3, host: "host \(number)", logger: .quiet)
        return time.surroundings.task {
          while !Task.isCancelled {
            do { try await worker.run() } catch { try? await time.sleep(for: .seconds(1)) }
          }
        }
      }
      let organisations = (0..<6).map { _ in time.surroundings.uuid() }
      var ids: [UUID] = []
      for number in 0..<count {
        let organisation = organisations[number.isMultiple(of: 2) ? 0 : Int(time.random() % 6)]
        let options = EnqueueOptions(organisation: organisation, idempotencyKey: "\(number)")
        ids.append(
          try await persistently(time) {
            number.isMultiple(of: 3)
              ? try await queue.enqueue(Create(), options: options).id
              : try await queue.enqueue(Ping(number: number), options: options).id
          })
        if time.random() % 10 == 0 {
          _ = try await persistently(time) { try await queue.cancel(ids[number]) }
        }
        if number == count / 2 { workers[0].cancel() }
      }
      for id in ids {
        while try await persistently(time, { try await queue.job(id)?.state.isFinal }) != true {
          try await time.sleep(for: .seconds(1))
        }
        let job = try await persistently(time) { try await queue.job(id) }
        note("end of \(id): \(job?.state.rawValue ?? "gone") \(job?.reason ?? "")")
      }
      for worker in workers { worker.cancel() }
      for worker in workers { await worker.value }
      return history.withLock { $0 }
    }
  }

  private func persistently<Result: Sendable>(
    _ time: VirtualTime, _ body: () async throws -> Result
  ) async throws -> Result {
    while true {
      do {
        return try await body()
      } catch is PostgresError {
        try await time.sleep(for: .milliseconds(100))
      }
    }
  }

  @Test("the same seed gives the same history, another seed another one")
  func reproducible() async throws {
    let first = try await history(seed: 1)
    #expect(try await history(seed: 1) == first)
    #expect(try await history(seed: 2) != first)
  }

  @Test("every job ends, whatever the seed", arguments: 10..<20 as Range<UInt64>)
  func everyJobEnds(seed: UInt64) async throws {
    let ends = try await history(seed: seed, jobs: 60).filter { $0.contains("end of") }
    #expect(ends.count == 60 && ends.allSatisfy { !$0.contains("gone") })
  }

  @Test("what waits for what never comes is told, not waited for")
  func deadlock() async throws {
    let time = VirtualTime(seed: 0)
    let error = await #expect(throws: VirtualTime.Endless.self) {
      try await time.run {
        try await time.sleep(for: .seconds(5))
        try await Gate().wait()
      }
    }
    #expect(error?.at == .seconds(5) && error?.isMoving == false)
    let endless = await #expect(throws: VirtualTime.Endless.self) {
      let time = VirtualTime(seed: 0)
      try await time.run(limit: .seconds(60)) {
        while true { try await time.sleep(for: .seconds(1)) }
      }
    }
    #expect(endless?.isMoving == true)
  }
}
