import Foundation
import Testing

@testable import Hosting

/// What settings ask of the memory of a server.
@Suite struct SettingsMemoryTests {
  /// An instance with two workers on a server of 4 GB and two cores, and another that is of `organisation`.
  private func withInstance(
    _ body: @Sendable (Hosting, Actor, _ other: Actor) async throws -> Void
  ) async throws {
    try await withHosting { hosting in
      let actor = try await hosting.person(Hosting.firstEmail)
      let local = try #require(try await hosting.serverStore.all(atOnce).first)
      var facts = ServerFacts()
      (facts.cores, facts.memoryMB) = (2, 4_000)
      try await hosting.serverStore.setSeen(local.id, .ready, reason: "Answers.", facts: facts, atOnce)
      _ = try await hosting.createOrganisation(slug: "globex", name: nil, by: actor)
      var share = ServerChange()
      share.sharedWith = ["globex", actor.organisationSlug]
      _ = try await hosting.editServer("local", share, by: actor)
      var guest = try await hosting.person(Hosting.firstEmail, in: "globex")
      guest.isOperator = false
      var wish = NewInstance(name: "shop")
      wish.stage = "dev"
      _ = try await hosting.createInstance(wish, idempotencyKey: nil, by: guest)
      try await body(hosting, guest, actor)
    }
  }

  private func workers(_ count: Int) -> SettingsChange {
    var change = SettingsChange()
    change.workers = count
    return change
  }

  /// What is remarked before `change` is saved, and after.
  private func notes(
    _ change: SettingsChange, _ hosting: Hosting, by actor: Actor
  ) async throws -> [[String]] {
    let before = try await hosting.previewSettings(of: "shop", change, by: actor).notes
    return [before, try await hosting.changeSettings(of: "shop", change, by: actor).notes]
  }

  @Test func `more workers than the server has memory for are told of, before and after`() async throws {
    try await withInstance { hosting, actor, _ in
      // 4000 MB, of which 512 are the system's.
      let fitting = try await notes(workers(9), hosting, by: actor)
      #expect(fitting == [[], []])
      let told = [
        "The memory of local is promised more than once: this instance may come to need 4.1 GB, and 3.5 GB are not reserved by others.",
        "5 workers: cores × 2 + 1.",
      ]
      let beyond = try await notes(workers(12), hosting, by: actor)
      #expect(beyond == [told, told])
      // What asks for nothing more is not told again.
      var other = SettingsChange()
      other.cronThreads = 3
      for change in [other, workers(2)] {
        let silent = try await notes(change, hosting, by: actor)
        #expect(silent == [[], []])
      }
    }
  }

  @Test func `what others have there counts, and is not told`() async throws {
    try await withInstance { hosting, actor, other in
      for name in ["one", "two"] {
        var wish = NewInstance(name: name)
        wish.stage = "dev"
        _ = try await hosting.createInstance(wish, idempotencyKey: nil, by: other)
      }
      let notes = try await hosting.previewSettings(of: "shop", workers(4), by: actor).notes
      #expect(
        notes == [
          "The memory of local is promised more than once: this instance may come to need 1.7 GB, and 1.3 GB are not reserved by others.",
          "Memory is the limit: 2 workers of 300 MB and 512 MB for the rest.",
        ])
      // For whom the server does not exist, nothing is said of it.
      var blind = actor
      blind.role = .developer
      blind.grants.servers = []
      let silent = try await hosting.previewSettings(of: "shop", workers(4), by: blind).notes
      #expect(silent == [])
    }
  }
}
