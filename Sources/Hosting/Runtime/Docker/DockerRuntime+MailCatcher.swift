import Docker
import Foundation
import Remote

/// The container that takes the mail of an instance that is not in production, so that none of it goes out.
extension DockerRuntime {
  /// What Odoo's network calls the catcher.
  static let mailHost = "mail"
  /// The role of its container.
  static let mailRole = "mail"

  /// Starts the mail catcher, in a container made anew where its image or its port changed. Where `plan` wants none, one
  /// that is there goes.
  func startMailCatcher(_ plan: InstancePlan) async throws {
    guard plan.catchesMail, let reference = configuration.mailCatcherImage else {
      return try await removeMailCatcher(of: plan.instance)
    }
    let image = try await fetchImage(reference) { _, _ in }
    _ = try await start(plan.names.mail) {
      try await ensure(
        plan.names.mail, of: plan.instance, role: Self.mailRole, operation: plan.operation,
        spec: mailSpec(plan, image: image), marks: [image, String(plan.ports.mail)])
    }
  }

  /// Stops the mail catcher; the messages in it stay until it is removed.
  func stopMailCatcher(_ instance: Instance) async throws {
    try await stop(Self.mailRole, of: instance, grace: .seconds(10), signal: "SIGTERM")
  }

  private func removeMailCatcher(of instance: Instance) async throws {
    try await removeContainers(labels: [
      Label.installation: installation.uuidString, Label.instance: instance.id.uuidString,
      Label.role: Self.mailRole,
    ])
  }

  /// Settings of Mailpit by the variables of its manual: any login is taken, the oldest of more than 500 messages go,
  /// and what is in it outlives a stop.
  func mailSpec(_ plan: InstancePlan, image: String) -> ContainerSpec {
    var spec = ContainerSpec(image: image)
    spec.environment = [
      "MP_MAX_MESSAGES": "500", "MP_DATABASE": "/tmp/mailpit.db", "MP_SMTP_AUTH_ACCEPT_ANY": "true",
      "MP_SMTP_AUTH_ALLOW_INSECURE": "true",
    ]
    spec.networks = [NetworkAttachment(plan.names.network, aliases: [Self.mailHost])]
    // On loopback whatever the server is set to: it asks nobody who he is.
    spec.portBindings = [PortBinding(8025, hostPort: plan.ports.mail)]
    spec.limits.memory = 256 << 20
    spec.restartPolicy = .unlessStopped
    spec.stopTimeout = .seconds(10)
    return spec
  }

  /// What the catcher of `instance` answers to `question`, decoded.
  ///
  /// - Throws: as `ask(_:catcherOf:)`; `unavailable` where the answer is not one of Mailpit.
  func ask<Answer: Decodable>(
    _ question: MailpitQuestion, catcherOf instance: Instance, as type: Answer.Type
  ) async throws -> Answer {
    let body = try await ask(question, catcherOf: instance)
    do {
      return try JSONDecoder().decode(type, from: Data(body))
    } catch {
      throw HostingError(
        .unavailable,
        "What listens on port \(PortBlock(base: instance.basePort).mail) of \(server.name) "
          + "does not answer as Mailpit does.",
        suggestion: "Look at ODEUM_MAIL_CATCHER_IMAGE: the image must speak Mailpit's API, version 1.")
    }
  }

  /// What the catcher of `instance` answers to `question`.
  ///
  /// - Throws: `HostingError`: `notFound` where it has no such message; `unavailable` where it does not answer.
  func ask(_ question: MailpitQuestion, catcherOf instance: Instance) async throws -> [UInt8] {
    try await translatingFailures {
      let command = question.command(port: PortBlock(base: instance.basePort).mail)
      let result = try await host.run(
        command, deadline: .seconds(30), outputLimit: MailpitQuestion.largestPart + 1024)
      guard result.exitStatus.isSuccess, let answer = MailpitQuestion.answer(in: result.stdout) else {
        throw try await silence(of: instance, saying: result.repairedErrorText)
      }
      switch answer.status {
      case 200: return answer.body
      // Mailpit says 400 of an id that it does not know, older ones 404.
      case 400, 404: throw HostingError.notFound("message", question.message ?? question.path)
      default:
        throw HostingError(
          .unavailable, "The mail catcher of \(instance.name) answers with HTTP \(answer.status).",
          suggestion: "A hard restart makes it anew: odeum instance restart \(instance.name) --hard")
      }
    }
  }

  /// Why the catcher does not answer.
  private func silence(of instance: Instance, saying words: String) async throws -> HostingError {
    let restart = "A hard restart brings one: odeum instance restart \(instance.name) --hard"
    guard let container = try await own(instance.parts.mail, of: instance) else {
      return HostingError(
        .conflict, "\(instance.name) has no mail catcher on \(server.name) yet.", suggestion: restart)
    }
    guard container.state.isRunning else {
      return HostingError(
        .conflict, "The mail catcher of \(instance.name) is stopped.",
        suggestion: "It runs while the instance does: odeum instance start \(instance.name)")
    }
    let said = words.trimmingCharacters(in: .whitespacesAndNewlines)
    return HostingError(
      .unavailable,
      "The mail catcher of \(instance.name) on \(server.name) does not answer\(said.isEmpty ? "" : ": \(said)").",
      suggestion: "Try again in a moment, or read its log on the server: docker logs \(instance.parts.mail)")
  }
}
