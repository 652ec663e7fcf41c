import Client
import Foundation
import Testing

@testable import Web

@Suite struct JobAPITests {
  @Test func `a job is followed until it is cancelled, and listed by its instance`() async throws {
    try await LiveAPI.connected { api, client in
      let created = try await client.send(.createInstance(API.CreateInstance(name: "shop"))).value
      let states = try await api.working {
        var states: [String] = []
        for try await event in client.follow(job: created.job.id) {
          guard case .changed(let job) = event else { continue }
          if states.isEmpty { _ = try await client.send(.cancelJob(job.id)) }
          states.append(job.state)
        }
        return states
      }
      #expect(states.last == "cancelled", "\(states)")
      let listed = try await client.send(.jobs(of: "shop")).value
      #expect(listed.items.map(\.id) == [created.job.id])
      #expect(listed.items.first?.state == "cancelled")
      #expect(listed.items.first?.instanceName == "shop")
    }
  }

  @Test func `following a job that has ended tells how, and ends`() async throws {
    try await LiveAPI.connected { api, client in
      let created = try await client.send(.createInstance(API.CreateInstance(name: "shop"))).value
      try await api.working {
        _ = try await client.send(.cancelJob(created.job.id))
        for try await _ in client.follow(job: created.job.id) {}
      }
      var last: API.Job?
      for try await event in client.follow(job: created.job.id) {
        if case .changed(let job) = event { last = job }
      }
      #expect(last?.state == "cancelled")
      let problem = await #expect(throws: API.Problem.self) {
        try await client.send(.cancelJob(created.job.id))
      }
      #expect(problem?.code == "conflict")
      #expect(try await client.send(.jobLog(created.job.id, after: 1_000_000)).value.items.isEmpty)
    }
  }

  @Test func `the same removal asked for twice is one job`() async throws {
    try await LiveAPI.connected { _, client in
      var wish = API.CreateInstance(name: "shop")
      wish.stage = "dev"
      _ = try await client.send(.createInstance(wish))
      let removal = try await client.send(.removeInstance("shop")).value
      #expect(removal.kind == "instance.remove")
      #expect(try await client.send(.removeInstance("shop")).value.id == removal.id)
    }
  }
}
