import Foundation
import Jobs
import PostgresTesting
import Remote
import Testing

@testable import Hosting

/// An operation that asks its server for nothing but an answer.
private struct Errand: ServerJob {
  static let kind = "test.errand"
  static let action = AuditAction.prepareServer
  static var maxAttempts: Int { 1 }
  static var waitsForServer: Bool { true }

  let server: UUID

  static let steps: [Step<Self>] = [
    .step("Go there", within: .seconds(60)) { work in
      try await work.visit { _ = try await $0.host.output(of: Command("true"), deadline: .seconds(10)) }
    }
  ]
}

/// The same, for which somebody sits and waits.
private struct Question: ServerJob {
  static let kind = "test.question"
  static let action = AuditAction.validateServer
  static var maxAttempts: Int { 1 }
  static var waitsForServer: Bool { false }

  let server: UUID

  static let steps: [Step<Self>] = [
    .step("Ask it", within: .seconds(60)) { work in
      try await work.visit { _ = try await $0.host.output(of: Command("true"), deadline: .seconds(10)) }
    }
  ]
}

/// Operations on a server that is away, which is a real SSH server that was stopped.
@Suite(.serialized) struct ServerWaitTests {
  private struct Stage {
    let hosting: Hosting
    let actor: Actor
    let ssh: PrivateSSHServer
    let server: Server

    func ask<J: ServerJob>(_ job: J) async throws -> UUID {
      try await hosting.jobs.enqueue(
        job, options: EnqueueOptions(subject: server.id, organisation: actor.organisationID)
      ).id
    }
  }

  private func withStage(_ body: @Sendable (Stage) async throws -> Void) async throws {
    let ssh = try await PrivateSSHServer()
    do {
      try await withHosting { hosting in
        let actor = try await hosting.person(Hosting.firstEmail)
        var wish = NewServer(name: "web1", address: "127.0.0.1")
        wish.port = ssh.port
        wish.user = PrivateSSHServer.user
        wish.hostKey = try await ssh.fingerprint()
        let server = try await hosting.addServer(wish, by: actor).server
        try await ssh.letIn(try #require(server.access?.publicKey))
        var kinds = JobKinds()
        kinds.add(Errand.self, context: hosting)
        kinds.add(Question.self, context: hosting)
        let worker = Task { [kinds] in
          try await Worker(queue: hosting.jobs, kinds: kinds, host: UUID().uuidString, logger: hosting.logger)
            .run()
        }
        defer { worker.cancel() }
        try await body(Stage(hosting: hosting, actor: actor, ssh: ssh, server: server))
        await hosting.disconnect()
      }
    } catch {
      await ssh.remove()
      throw error
    }
    await ssh.remove()
  }

  @Test func `an operation fails while its server is away, or does not go on when it is back`() async throws {
    try await withStage { stage in
      let jobs = stage.hosting.jobs
      await stage.ssh.stop()
      let errand = try await stage.ask(Errand(server: stage.server.id))
      try await eventually("it waits") { try await jobs.job(errand)?.state == .snoozed }
      let waiting = try #require(try await jobs.job(errand))
      #expect(waiting.reason?.hasPrefix("Waits for web1: web1 does not answer. ") == true)
      #expect(waiting.attempt == 1)
      try await stage.ssh.restart()
      try await jobs.wakeWaiting(on: [stage.server.id])
      try await eventually("it goes on") { try await jobs.job(errand)?.state == .succeeded }
    }
  }

  @Test func `what somebody sits before waits, instead of telling at once`() async throws {
    try await withStage { stage in
      await stage.ssh.stop()
      let question = try await stage.ask(Question(server: stage.server.id))
      try await eventually("it ends") {
        try await stage.hosting.jobs.job(question)?.state == .failed
      }
      let reason = try await stage.hosting.jobs.job(question)?.reason
      #expect(reason?.contains("refused the connection") == true)
    }
  }

  @Test func `a server that does not let us in is waited for`() async throws {
    try await withStage { stage in
      try await stage.ssh.letIn("")
      let errand = try await stage.ask(Errand(server: stage.server.id))
      try await eventually("it ends") {
        try await stage.hosting.jobs.job(errand)?.state == .failed
      }
      let reason = try await stage.hosting.jobs.job(errand)?.reason
      #expect(reason?.contains("does not accept our key") == true)
    }
  }
}
