import Foundation
import Postgres
public enum JobOutcome: Sendable { case succeeded, failed(reason: String), cancelled }
public protocol RetryableError: Error { var isRetryable: Bool { get } }
public protocol Job: Codable, Sendable {
  associatedtype Context: Sendable
  static var kind: String { get }
  static var steps: [Step<Self>] { get }
  static var maxAttempts: Int { get }
  func finished(_ outcome: JobOutcome, _ context: Context, _ connection: Connection) async throws
}
public enum StepOutcome: Sendable { case done, snooze(Duration, String) }
public enum Undo<J: Job>: Sendable { case nothing, pointOfNoReturn }
public struct Step<J: Job>: Sendable {
  public init(_ name: String, deadline: Duration, undo: Undo<J>, run: @escaping @Sendable (J, StepRun, J.Context) async throws -> StepOutcome) {}
}
public struct StepRun: Sendable {
  public let jobID: UUID
  public func log(_ line: String) {}
  public func progress(_ f: Double, _ t: String) {}
  public func guarded<R: Sendable>(_ body: (Connection) async throws -> sending R) async throws -> R { fatalError() }
}
public struct JobQueue: Sendable {
  public static let migrations: [Migration] = []
  public init(database: Database) {}
}
public enum JobState: String, Sendable { case queued, running, succeeded, failed, cancelled
 public var isFinal: Bool { false } }
public struct JobRecord: Sendable { public var id: UUID; public var kind: String; public var state: JobState; public var subject: UUID? }
public struct EnqueueOptions: Sendable { public init(subject: UUID?, organisation: UUID?, requestedBy: String?, idempotencyKey: String?, superseding: Bool) {} }
public struct EnqueuedJob: Sendable { public var id: UUID; public var isNew: Bool }
public struct JobConflict: Error { public var activeJobID: UUID; public var kind: String }
extension JobQueue {
  public func job(_ id: UUID, in c: Connection? = nil) async throws -> JobRecord? { nil }
  public func job(idempotencyKey: String) async throws -> JobRecord? { nil }
  public func enqueue<J: Job>(_ j: J, options: EnqueueOptions, in c: Connection?) async throws -> EnqueuedJob { fatalError() }
}
