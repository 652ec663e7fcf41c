import Foundation
import Postgres
import PostgresTesting
import Synchronization
import Testing

@testable import Jobs

@Suite("Lanes")
struct LaneTests {
  /// What a worker was told that it holds.
  private final class Told: Sendable {
    let lanes = Mutex<[Lane]>([])
    func keeping(_ machine: String = "here") -> LaneKeeping {
      LaneKeeping(machine: machine) { lanes in self.lanes.withLock { $0 = lanes } }
    }
    var count: Int { lanes.withLock { $0.count } }
  }

  @Test(
    "a job of a lane is done by the worker that holds it, under the lane's epoch, and by no other",
    arguments: Keeping.allCases)
  func held(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let lane = UUID()
      try await queue.addLane(lane)
      let epochs = Mutex<[Int?]>([])
      let script = Script { _, run in
        epochs.withLock { $0.append(run.epoch) }
        return .done
      }
      let id = try await queue.enqueue(Ping(number: 1), options: .init(lane: lane)).id
      try await withWorker(queue, script) { _ in
        // This one keeps no lanes, and does what has none.
        let other = try await queue.enqueue(Ping(number: 2)).id
        #expect(try await queue.end(of: other).state == .succeeded)
        #expect(try await queue.job(id)?.state == .queued)
        let told = Told()
        try await withWorker(queue, script, lanes: told.keeping()) { _ in
          let job = try await queue.end(of: id)
          #expect(job.state == .succeeded)
          #expect(told.lanes.withLock { $0 } == [Lane(id: lane, epoch: 1)])
        }
        #expect(told.count == 0, "a worker that has ended holds nothing")
      }
      #expect(epochs.withLock { $0 } == [nil, 1])
    }
  }

  @Test(
    "a dead worker's lane goes to another with a higher epoch, and its job with it",
    arguments: Keeping.allCases)
  func takeOver(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let lane = UUID()
      try await queue.addLane(lane)
      let dead = UUID.v7()
      let store = queue.store.forWorker()
      _ = try await store.register(dead, host: "elsewhere", keepsLanes: true)
      #expect(try await store.keepLanes(for: dead, on: "elsewhere") == [Lane(id: lane, epoch: 1)])
      let id = try await queue.enqueue(Ping(), options: .init(lane: lane)).id
      let claims = try await store.claim(Claim(for: dead, kinds: ["test.ping"], free: 1))
      let claim = try #require(claims.first)
      #expect(claim.epoch == 1)
      let epoch = Mutex<Int?>(nil)
      let script = Script { _, run in
        epoch.withLock { $0 = run.epoch }
        return .done
      }
      try await withWorker(queue, script, lanes: Told().keeping()) { _ in
        let job = try await queue.end(of: id)
        #expect(job.state == .succeeded)
      }
      #expect(epoch.withLock { $0 } == 2)
      await store.close()
    }
  }

  @Test(
    "lanes are shared out when workers come, and all are held again when one goes",
    arguments: Keeping.allCases)
  func sharedOut(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      for _ in 0..<5 { try await queue.addLane(UUID()) }
      let (first, second) = (Told(), Told())
      try await withWorker(queue, Script(), lanes: first.keeping()) { _ in
        try await eventually("one worker holds all") { first.count == 5 }
        try await withWorker(queue, Script(), lanes: second.keeping()) { _ in
          try await eventually("two hold equally many") {
            Set([first.count, second.count]) == [2, 3]
          }
        }
        try await eventually("the one that stays holds all") { first.count == 5 }
      }
    }
  }

  @Test("a lane is not given up while one of its jobs is under way", arguments: Keeping.allCases)
  func busy(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let lanes = [UUID(), UUID()]
      for lane in lanes { try await queue.addLane(lane) }
      let (begun, go) = (Gate(), Gate())
      let script = Script { step, _ in
        if step == "ping 7" {
          begun.open()
          try await go.wait()
        }
        return .done
      }
      let (first, second) = (Told(), Told())
      try await withWorker(queue, script, lanes: first.keeping()) { _ in
        // The one that would be given up first.
        let last = try #require(lanes.max { $0.uuidString < $1.uuidString })
        let id = try await queue.enqueue(Ping(number: 7), options: .init(lane: last)).id
        try await begun.wait()
        try await withWorker(queue, script, lanes: second.keeping()) { _ in
          try await eventually("the other lane goes") { second.count == 1 }
          #expect(first.lanes.withLock { $0.map(\.id) } == [last])
          go.open()
          #expect(try await queue.end(of: id).state == .succeeded)
        }
      }
    }
  }

  @Test(
    "a lane that is bound to a machine goes to a worker there, whatever its share",
    arguments: Keeping.allCases)
  func bound(keeping: Keeping) async throws {
    try await withQueue(keeping) { queue in
      let mine = UUID()
      let nobodys = UUID()
      for (lane, machine) in [(mine, "here"), (nobodys, "nowhere")] {
        try await queue.addLane(lane)
        try await queue.bindLane(lane, to: machine)
      }
      for _ in 0..<2 { try await queue.addLane(UUID()) }
      let (elsewhere, here) = (Told(), Told())
      try await withWorker(queue, Script(), lanes: elsewhere.keeping("elsewhere")) { _ in
        try await eventually("what is not bound is held") { elsewhere.count == 2 }
        try await withWorker(queue, Script(), lanes: here.keeping()) { _ in
          try await eventually("the bound one is held where it belongs") {
            here.lanes.withLock { $0.contains { $0.id == mine } } && here.count == 2 && elsewhere.count == 1
          }
        }
      }
    }
  }
}
