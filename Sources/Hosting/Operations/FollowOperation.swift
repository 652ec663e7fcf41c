import Foundation
import Jobs

extension Hosting {
  /// The operations of the organisation of the one who asks, newest first; with `instance` (name or id) those of it.
  public func operations(of instance: String? = nil, page: PageRequest, by actor: Actor) async throws -> Page<Operation> {
    fatalError("outline")
  }

  /// One operation with its steps.
  ///
  /// - Throws: `HostingError`: `notFound` also where it belongs to another organisation; `forbidden`.
  public func operation(_ id: UUID, by actor: Actor) async throws -> Operation {
    fatalError("outline")
  }

  /// At most `limit` lines of an operation's log behind the line `after`.
  public func operationLog(
    _ id: UUID, after: Int = 0, limit: Int = 1000, by actor: Actor
  ) async throws -> [OperationLogLine] {
    fatalError("outline")
  }

  /// Tells everything that happens in an operation from the line behind `after` on, and ends with it.
  public func followOperation(
    _ id: UUID, after: Int = 0, by actor: Actor
  ) async throws -> AsyncThrowingStream<OperationEvent, any Error> {
    fatalError("outline")
  }

  /// Calls an operation off. It ends when the step that is under way has stopped on the host.
  public func cancelOperation(_ id: UUID, by actor: Actor) async throws -> Operation {
    fatalError("outline")
  }

  /// What changes in the organisation of the one who asks, until the loop over it ends.
  public func changes(by actor: Actor) async throws -> AsyncStream<Change> {
    try actor.require(.viewInstances)
    return announcements.changes(of: actor.organisationID)
  }

  /// Whether requests can be served now.
  public func readiness() async -> Readiness {
    do {
      try await database.query("select 1")
      return Readiness(isReady: true, reason: "The database answers.")
    } catch {
      return Readiness(isReady: false, reason: HostingError(translating: error).message)
    }
  }
}

/// Whether the control plane can serve requests, and why not.
public struct Readiness: Sendable, Equatable {
  /// Whether it can.
  public var isReady: Bool
  /// Why, in one sentence.
  public var reason: String
}

extension Operation {
  init(_ record: JobRecord, steps: [String], instanceName: String?) { fatalError("outline") }
}
