import Client
import Foundation
import Testing

@testable import Web

@Suite struct JobAPITests {
  @Test func `a job is followed until it is cancelled, and listed by its instance`() async throws {
    try await LiveAPI.connected { _, client in
      let created = try await client.send(.createInstance(API.CreateInstance(name: "shop"))).value
      var states: [String] = []
      for try await event in client.follow(job: created.job.id) {
        guard case .changed(let job) = event else { continue }
        if states.isEmpty { _ = try await client.send(.cancelJob(job.id)) }
        states.append(job.state)
      }
      #expect(states.first == "queued")
      #expect(states.last == "cancelled")
      let listed = try await client.send(.jobs(of: "shop")).value
      #expect(listed.items.map(\.id) == [created.job.id])
      #expect(listed.items.first?.state == "cancelled")
      #expect(listed.items.first?.instanceName == "shop")
    }
  }

  @Test func `following a job that has ended tells how, and ends`() async throws {
    try await LiveAPI.connected { _, client in
      let created = try await client.send(.createInstance(API.CreateInstance(name: "shop"))).value
      _ = try await client.send(.cancelJob(created.job.id))
      var last: API.Job?
      for try await event in client.follow(job: created.job.id) {
        if case .changed(let job) = event { last = job }
      }
      #expect(last?.state == "cancelled")
      #expect(try await client.send(.jobLog(created.job.id, after: 1_000_000)).value.items.isEmpty)
    }
  }

  @Test func `removing an instance calls off its creation`() async throws {
    try await LiveAPI.connected { _, client in
      var wish = API.CreateInstance(name: "shop")
      wish.stage = "dev"
      let created = try await client.send(.createInstance(wish)).value
      let removal = try await client.send(.removeInstance("shop")).value
      #expect(removal.kind == "instance.remove")
      #expect(try await client.send(.removeInstance("shop")).value.id == removal.id)
      #expect(try await client.send(.job(created.job.id)).value.state == "cancelled")
    }
  }
}
