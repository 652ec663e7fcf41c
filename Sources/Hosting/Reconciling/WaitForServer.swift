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
  /// the step waits instead, and no attempt is used up.
  ///
  /// - Throws: `Await` then; else `HostingError` or `CancellationError`.
  func onServer<Result: Sendable>(
    of id: UUID, _ run: StepRun, _ body: (InstanceWork) async throws -> Result
  ) async throws -> Result {
    do {
      return try await body(InstanceWork(of: id, self, run))
    } catch let error as CancellationError {
      throw error
    } catch let error as LeaseLost {
      throw error
    } catch {
      // Whatever it was that went wrong: a container that ended with Docker looks like one that failed.
      if let reason = try await absence(ofServerOf: id) {
        throw Await(reason, pause: Self.absencePause, limit: Self.longestAbsence)
      }
      throw HostingError(translating: error)
    }
  }

  /// What is away of the server of the instance `id`, in words; nil where Docker on it answers now.
  private func absence(ofServerOf id: UUID) async throws -> String? {
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
      return nil
    } catch let error as CancellationError {
      throw error
    } catch {
      let reason = HostingError(translating: error).message
      let absence: Reachability.Absence =
        try await runtime.hostAnswers() == nil ? .dockerDown : .unreachable
      return "Waits for \(server.name): \(absence.sentence(server.name)) \(reason)"
    }
  }
}

extension DockerRuntime {
  /// Why the host does not run a command that does nothing; nil where it does.
  ///
  /// - Throws: `CancellationError`.
  func hostAnswers() async throws -> String? {
    do {
      try await host.output(of: Command("true"), deadline: .seconds(10))
      return nil
    } catch let error as CancellationError {
      throw error
    } catch {
      return HostingError(translating: error).message
    }
  }
}
