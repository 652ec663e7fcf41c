import Foundation
import Jobs

extension Hosting {
  /// Tells everything that happens in an operation from the line behind `after` on, and ends with it.
  ///
  /// - Throws: `HostingError`: `notFound`, `forbidden`.
  public func followOperation(
    _ id: UUID, after: Int = 0, by actor: Actor
  ) async throws -> AsyncThrowingStream<OperationEvent, any Error> {
    let first = try await operation(id, by: actor)
    let events = jobs.follow(id, after: after)
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: OperationEvent.self)
    let following = Task {
      do {
        continuation.yield(.changed(first))
        for try await event in events {
          switch event {
          case .log(let line): continuation.yield(.log(OperationLogLine(line)))
          case .step, .job: continuation.yield(.changed(try await operation(id, by: actor)))
          }
        }
        continuation.finish()
      } catch {
        continuation.finish(throwing: HostingError(translating: error))
      }
    }
    continuation.onTermination = { _ in following.cancel() }
    return stream
  }

  /// What changes in the organisation of the one who asks, until the loop over it ends.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  public func changes(by actor: Actor) async throws -> AsyncStream<Change> {
    try actor.require(.viewInstances)
    return announcements.changes(of: actor.organisationID)
  }
}
