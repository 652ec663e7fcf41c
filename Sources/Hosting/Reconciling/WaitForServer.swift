import Docker
import Foundation
import Jobs
import Postgres
import Remote

extension Hosting {
  /// How long an operation waits for its server before it fails.
  static let longestAbsence = Duration.seconds(86_400)
  /// After how long a waiting operation looks by itself; the watcher wakes it before.
  private static let absencePause = Duration.seconds(30)

  /// Runs what a step does on the instance `id`. Where it fails because its server or Docker there does not answer,
  /// or because a disk there is full, the step waits instead, and no attempt is used up.
  ///
  /// - Throws: `Await` then; else `HostingError` or `CancellationError`.
  func onServer<Result: Sendable>(
    of id: UUID, _ run: StepRun, _ body: (InstanceWork) async throws -> Result
  ) async throws -> Result {
    try await waiting(outOfReach: true) {
      try await body(InstanceWork(of: id, self, run))
    } awaiting: { error in
      // Whatever it was that went wrong: a container that ended with Docker looks like one that failed.
      try await obstacle(toServerOf: id, after: error)
    }
  }

  /// Runs what a step does on the server `id` as a whole. Where it fails because the server does not answer and
  /// `waits` says so, the step waits instead. Docker may be away: it may be what the step is about.
  ///
  /// - Throws: `Await` then; else `HostingError` or `CancellationError`.
  func onServer<Result: Sendable>(
    _ id: UUID, _ run: StepRun, waits: Bool, _ body: (ServerWork) async throws -> Result
  ) async throws -> Result {
    try await waiting(outOfReach: waits) {
      try await body(ServerWork(on: id, self, run))
    } awaiting: { _ in
      waits ? try await absence(of: id) : nil
    }
  }

  /// Runs `body`. Where it fails, and `obstacle` says then what to wait for, that is thrown; with `outOfReach` also
  /// where it failed since nobody was reached, and somebody is by now.
  private func waiting<Result: Sendable>(
    outOfReach: Bool, _ body: () async throws -> Result, awaiting obstacle: (any Error) async throws -> Await?
  ) async throws -> Result {
    do {
      return try await body()
    } catch let error as CancellationError {
      throw error
    } catch let error as LeaseLost {
      throw error
    } catch let wait as Await {
      throw wait
    } catch {
      if let wait = try await obstacle(error) { throw wait }
      if outOfReach, case HostError.connection(let failure) = error {
        throw Await(
          "The server is in reach again; this goes on. It failed before: \(failure.message)",
          pause: .seconds(1), limit: Self.longestAbsence)
      }
      throw HostingError(translating: error)
    }
  }

  /// What to wait for where the server `id` does not answer; nil where it does, or waiting does not mend what is wrong.
  private func absence(of id: UUID) async throws -> Await? {
    do {
      guard let server = try await serverStore.get(id, atOnce) else { return nil }
      do {
        try await fleet.visit(server) {
          _ = try await $0.host.output(of: Command("true"), deadline: .seconds(10))
        }
        return nil
      } catch let error where !(error is CancellationError) && !(error is PostgresError) {
        let failure = HostingError(translating: error)
        guard failure.code == .unavailable else { return nil }
        return Self.waits(for: server.name, .unreachable, failure.message)
      }
    } catch is PostgresError {
      // Then that is what is away, and what the step failed with says so.
      return nil
    }
  }

  private static func waits(for server: String, _ absence: Reachability.Absence, _ reason: String) -> Await {
    Await(
      "Waits for \(server): \(absence.sentence(server)) \(reason)", pause: absencePause, limit: longestAbsence
    )
  }

  /// What to wait for of the server of the instance `id`, on which something has failed with `error`; nil where Docker
  /// on it answers now and there is room.
  private func obstacle(toServerOf id: UUID, after error: any Error) async throws -> Await? {
    let found: Instance?
    do {
      found = try await instanceStore.get(id, atOnce)
    } catch is PostgresError {
      // Then that is what is away, and what the step failed with says so.
      return nil
    }
    guard let server = found?.server else { return nil }
    let runtime = await fleet.looking(at: server)
    do {
      try await runtime.engine.ping()
      return await runtime.lackOfRoom(after: error)
    } catch let error as CancellationError {
      throw error
    } catch {
      let reason = HostingError(translating: error).message
      let absence: Reachability.Absence =
        try await runtime.hostAnswers() == nil ? .dockerDown : .unreachable
      return Self.waits(for: server.name, absence, reason)
    }
  }
}

extension DockerRuntime {
  /// Runs a command on the host that does nothing.
  func signOfLife() async throws {
    try await host.output(of: Command("true"), deadline: .seconds(10))
  }

  /// Why the host does not run a command that does nothing, in words; nil where it does.
  ///
  /// - Throws: `CancellationError`.
  func hostAnswers() async throws -> String? {
    do {
      try await signOfLife()
      return nil
    } catch let error as CancellationError {
      throw error
    } catch {
      return HostingError(translating: error).message
    }
  }
}
