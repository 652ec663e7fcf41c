import Foundation
import Postgres
import PostgresTesting
import Synchronization
import Testing

@testable import Jobs

@Suite("A fair turn for every organisation")
struct FairnessTests {
  private let big = UUID()
  private let small = UUID()

  /// What one claim takes, as the hundreds of the pings' numbers: jobs asked for at once have no order of their own.
  private func claim(
    _ queue: JobQueue, free: Int, spare: Int = 0,
    holders: [(organisation: UUID, held: Int, turn: Int)] = []
  ) async throws -> [Int] {
    let worker = UUID.v7()
    let store = queue.store.forWorker()
    _ = try await store.register(worker, host: "here", keepsLanes: false)
    let claims = try await store.claim(
      Claim(for: worker, kinds: ["test.ping"], free: free, spare: spare, holders: holders))
    await store.close()
    return try claims.map { try $0.body.read(Ping.self).number / 100 }
  }

  private func enqueue(
    _ queue: JobQueue, _ numbers: ClosedRange<Int>, _ organisation: UUID?, priority: Int = 0
  ) async throws {
    try await queue.enqueue(
      contentsOf: numbers.map { Ping(number: $0) }, organisation: organisation, priority: priority)
  }

  @Test(
    "10,000 waiting jobs of one organisation do not come before one of another")
  func tenThousand() async throws {
    try await withQueue { queue in
      try await enqueue(queue, 1...10_000, big)
      let begun = Mutex<[Int]>([])
      let script = Script { step, _ in
        begun.withLock { $0.append(Int(step.split(separator: " ")[1]) ?? 0) }
        return .done
      }
      try await withWorker(queue, script, concurrency: 4) { _ in
        try await eventually("the big one is served") { begun.withLock { $0.count > 100 } }
        for number in 10_001...10_020 {
          let before = begun.withLock { $0.count }
          let id = try await queue.enqueue(
            Ping(number: number), options: .init(organisation: number.isMultiple(of: 2) ? small : nil)
          ).id
          #expect(try await queue.end(of: id).state == .succeeded)
          let place = try #require(begun.withLock { $0.firstIndex(of: number) })
          #expect(place < before + 9_000 && begun.withLock { $0.count } < 10_000)
        }
      }
    }
  }

  @Test(
    "long jobs of one organisation that hold every place do not keep others waiting",
    arguments: Keeping.allCases)
  func longJobs(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let begun = Mutex(0)
      let hanging = Script { step, _ in
        if step == "ping 0" {
          begun.withLock { $0 += 1 }
          try await Gate().wait()
        }
        return .done
      }
      try await withWorker(queue, hanging, concurrency: 4, timing: .impatient) { _ in
        try await queue.enqueue(contentsOf: (0..<10).map { _ in Ping(number: 0) }, organisation: big)
        try await eventually("every place is held") { begun.withLock { $0 } == 4 }
        for number in 1...5 {
          let other = try await queue.enqueue(Ping(number: number), options: .init(organisation: small)).id
          #expect(try await queue.end(of: other).state == .succeeded)
        }
        // The place for newcomers is for one job of each: the second one waits for the first.
        let organisations = (0..<3).map { _ in UUID() }
        var ids: [UUID] = []
        for organisation in organisations {
          for _ in 0..<2 {
            ids.append(
              try await queue.enqueue(Ping(number: 7), options: .init(organisation: organisation)).id)
          }
        }
        for id in ids { #expect(try await queue.end(of: id).state == .succeeded) }
        #expect(begun.withLock { $0 } == 4, "the big one holds no more than its places")
      }
    }
  }

  @Test(
    "places go round: to who holds fewest, then to who waits longest for a turn")
  func round() async throws {
    try await withQueue { queue in
      let third = UUID()
      try await enqueue(queue, 100...199, big)
      try await enqueue(queue, 200...209, small)
      try await enqueue(queue, 300...309, nil)
      try await enqueue(queue, 400...400, third)
      #expect(try await claim(queue, free: 8) == [1, 2, 3, 4, 1, 2, 3])
      // One that holds places waits for those that hold fewer; one that was served waits for those that were not.
      let holders = [(big, 5, 9), (small, 0, 8), (.nobody, 0, 7)]
      #expect(try await claim(queue, free: 3, holders: holders) == [3, 2, 3])
      // What short lines leave of their shares is for the next claim.
      #expect(try await claim(queue, free: 90).count == 30 + 7 + 6)
      #expect(try await claim(queue, free: 90).count == 68)
    }
  }

  @Test(
    "where all places are held, only those who hold none are served, one job each",
    arguments: Keeping.allCases)
  func newcomers(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      try await enqueue(queue, 100...109, big)
      try await enqueue(queue, 200...209, small)
      try await enqueue(queue, 300...309, nil)
      #expect(try await claim(queue, free: 0, spare: 2, holders: [(big, 4, 1)]) == [2, 3])
      #expect(try await claim(queue, free: 0, spare: 1, holders: [(big, 4, 1), (small, 1, 2)]) == [3])
      #expect(try await claim(queue, free: 1, spare: 2, holders: [(big, 3, 1), (.nobody, 1, 2)]) == [2])
      #expect(
        try await claim(queue, free: 0, spare: 2, holders: [(big, 2, 1), (small, 1, 2), (.nobody, 1, 3)])
          .isEmpty)
    }
  }

  @Test("a better priority comes first, whosever it is", arguments: Keeping.allCases)
  func priority(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      try await enqueue(queue, 100...109, small)
      try await enqueue(queue, 200...209, big, priority: -1)
      try await enqueue(queue, 300...300, nil, priority: 1)
      #expect(try await claim(queue, free: 8) == Array(repeating: 2, count: 8))
      // At once, though there is room for more: the worker claims again.
      #expect(try await claim(queue, free: 8) == [2, 2])
      #expect(try await claim(queue, free: 20) == Array(repeating: 1, count: 10))
      // Among those that hold no place, too.
      try await enqueue(queue, 200...200, big, priority: -1)
      #expect(try await claim(queue, free: 0, spare: 1) == [2])
      #expect(try await claim(queue, free: 20) == [3])
      #expect(try await claim(queue, free: 20).isEmpty)
    }
  }

  @Test("jobs that are not due, and lanes of others, hide nobody's line", arguments: Keeping.allCases)
  func hidden(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let later = Date() + 3_600
      for _ in 0..<20 {
        try await queue.enqueue(
          Ping(number: 100), options: .init(organisation: big, priority: -1, runAt: later))
        try await queue.enqueue(Ping(number: 200), options: .init(organisation: small, lane: UUID()))
      }
      try await enqueue(queue, 300...301, big)
      #expect(try await claim(queue, free: 4) == [3, 3])
    }
  }

  @Test(
    "two workers that claim at once share what waits, and neither goes away empty",
    arguments: Keeping.allCases)
  func together(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      try await enqueue(queue, 1...40, big)
      try await enqueue(queue, 101...140, small)
      let claimed = try await withThrowingTaskGroup(of: [Int].self) { group in
        for _ in 0..<4 { group.addTask { try await claim(queue, free: 10) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(claimed.map(\.count) == [10, 10, 10, 10])
      #expect(try await queue.jobs(.init(states: [.running]), limit: 100).count == 40)
    }
  }

  @Test(
    "many organisations with many jobs are all served, whatever one of them asks for meanwhile",
    arguments: Keeping.allCases)
  func nothingStarves(keeping: Keeping) async throws {
    try await withQueue { queue in
      let organisations = (0..<40).map { _ in UUID() }
      try await enqueue(queue, 1...2_000, big)
      for organisation in organisations { try await enqueue(queue, 1...3, organisation) }
      let before = Mutex(0)
      let script = Script { _, _ in
        before.withLock { $0 += 1 }
        return .done
      }
      try await withWorker(queue, script, concurrency: 3) { _ in
        for organisation in organisations {
          try await eventually("the organisation is served") {
            try await queue.jobs(.init(organisation: organisation, states: [.succeeded])).count == 3
          }
        }
        #expect(before.withLock { $0 } < 2_000)
      }
    }
  }

  @Test("of those that hold nothing only the last ones served are remembered")
  func places() {
    var places = Places(4)
    #expect(places.free == 4 && places.spare == 1 && places.freeForNewcomers == 1)
    for _ in 0..<5 { places.take(for: big) }
    #expect(places.free == -1 && places.freeForNewcomers == 0)
    for _ in 0..<1_000 {
      let organisation = UUID()
      places.take(for: organisation)
      places.leave(organisation)
    }
    #expect(places.holders.count < 40 && places.busy == 5)
    #expect(places.holders.contains { $0.organisation == big && $0.held == 5 })
    for _ in 0..<5 { places.leave(big) }
    #expect(places.busy == 0 && places.holders.allSatisfy { $0.held == 0 })
  }
}
