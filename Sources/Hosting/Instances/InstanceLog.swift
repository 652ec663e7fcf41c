import Docker
import Foundation
import Odoo

/// Which container of an instance a log line comes from.
public enum LogSource: String, Sendable, CaseIterable {
  /// Odoo.
  case odoo
  /// PostgreSQL.
  case database
}

/// One line of an instance's log.
public struct InstanceLogLine: Sendable, Equatable {
  /// When Docker received it.
  public var time: Date
  /// Where it comes from.
  public var source: LogSource
  /// Odoo's level, nil where the line has none of its own.
  public var level: String?
  /// The line without colour codes.
  public var text: String
}

extension Hosting {
  /// How many lines of a log are given at most.
  public static let longestLog = 100_000

  /// The last `tail` lines of an instance's log, and where `follow` is set every further line until the loop
  /// ends.
  ///
  /// - Throws: `HostingError`: `notFound`, `forbidden`, `unavailable` where Docker does not answer.
  public func log(
    of reference: String, source: LogSource, tail: Int, follow: Bool, by actor: Actor
  ) async throws -> AsyncThrowingStream<InstanceLogLine, any Error> {
    try actor.require(.viewLogs)
    let instance = try await instance(reference, by: actor)
    let runtime = await fleet.looking(at: instance.server)
    return try await runtime.log(
      of: instance, source: source, tail: min(max(tail, 1), Self.longestLog), follow: follow)
  }
}

extension DockerRuntime {
  /// See `Hosting.log`. An instance whose container is not there yet has an empty log.
  func log(
    of instance: Instance, source: LogSource, tail: Int, follow: Bool
  ) async throws -> AsyncThrowingStream<InstanceLogLine, any Error> {
    let names = instance.parts
    let name = source == .odoo ? names.odoo : names.database
    guard let container = try await translatingFailures({ try await own(name, of: instance) }) else {
      return AsyncThrowingStream { $0.finish() }
    }
    let lines = engine.logs(container.id, follow: follow, tail: tail, timestamps: true)
    return AsyncThrowingStream { continuation in
      let reading = Task {
        do {
          for try await line in lines {
            let record = LogParser.records(in: line.text).first
            continuation.yield(
              InstanceLogLine(
                time: line.timestamp ?? Date(), source: source, level: record?.level?.rawValue,
                text: TerminalCodes.stripped(line.text)))
          }
          continuation.finish()
        } catch {
          continuation.finish(throwing: HostingError(translating: error))
        }
      }
      continuation.onTermination = { _ in reading.cancel() }
    }
  }
}
