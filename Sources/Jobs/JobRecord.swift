import FoundationEssentials
import Postgres

/// Where a job is in its life; docs/jobs.md has the picture.
public enum JobState: String, Sendable, Hashable, CaseIterable, Codable, PostgresEncodable, PostgresDecodable
{
  /// Waits for its time, for a worker, or for the job that it supersedes.
  case queued
  /// A worker is at it.
  case running
  /// Waits in the middle: a step asked for it, or an error is tried again later.
  case snoozed
  /// All steps are done.
  case succeeded
  /// Ended by an error, which `reason` tells.
  case failed
  /// Ended on request, and undone.
  case cancelled

  /// Whether nothing will change any more.
  public var isFinal: Bool { self == .succeeded || self == .failed || self == .cancelled }
}

/// A job as the database knows it.
public struct JobRecord: Sendable, Hashable {
  /// UUID version 7: later jobs have larger numbers.
  public let id: UUID
  /// The kind's name.
  public let kind: String
  /// Where it is.
  public let state: JobState
  /// What it works on; one active job at a time each.
  public let subject: UUID?
  /// Whose it is.
  public let organisation: UUID?
  /// Who asked for it.
  public let requestedBy: String?
  /// Smaller is sooner.
  public let priority: Int
  /// Not before that time, by the database's clock.
  public let runAt: Date
  /// How often the present step has been tried, this time included.
  public let attempt: Int
  /// How often its worker died during the present step.
  public let interruptions: Int
  /// Someone has asked for its end.
  public let isCancelRequested: Bool
  /// Why it failed, or what it waits for.
  public let reason: String?
  /// The job that must end before this one begins.
  public let waitsFor: UUID?
  /// The job that was put in its place.
  public let supersededBy: UUID?
  /// When it was asked for.
  public let createdAt: Date
  /// When a worker first took it.
  public let startedAt: Date?
  /// When it ended.
  public let finishedAt: Date?

  static let columns: SQL = """
    job.id, job.kind, job.state, job.subject, job.organisation, job.requested_by, job.priority, job.run_at,
    job.attempt, job.interruptions, job.cancel_requested, job.reason, job.waits_for, job.superseded_by,
    job.created_at, job.started_at, job.finished_at
    """

  init(_ row: Row) throws {
    id = try row.get("id")
    kind = try row.get("kind")
    state = try row.get("state")
    subject = try row.get("subject")
    organisation = try row.get("organisation")
    requestedBy = try row.get("requested_by")
    priority = try row.get("priority")
    runAt = try row.get("run_at")
    attempt = try row.get("attempt")
    interruptions = try row.get("interruptions")
    isCancelRequested = try row.get("cancel_requested")
    reason = try row.get("reason")
    waitsFor = try row.get("waits_for")
    supersededBy = try row.get("superseded_by")
    createdAt = try row.get("created_at")
    startedAt = try row.get("started_at")
    finishedAt = try row.get("finished_at")
  }
}

/// Where a step is.
public enum StepState: String, Sendable, Hashable, Codable, PostgresEncodable, PostgresDecodable {
  /// It is being done, or was when its worker died.
  case running
  /// It failed and is tried again later.
  case waiting
  /// It is done.
  case done
  /// It ended the job.
  case failed
  /// It was done, or begun, and has been undone.
  case undone
}

/// A step of a job that has begun. A job of one step has none until it logs, waits or fails.
public struct StepRecord: Sendable, Hashable {
  /// Its place, from 0.
  public let position: Int
  /// Its name.
  public let name: String
  /// Where it is.
  public let state: StepState
  /// From 0 to 1, if the step tells.
  public let progress: Double?
  /// What it is at, if the step tells.
  public let progressText: String?
  /// When it began.
  public let startedAt: Date
  /// When it ended.
  public let finishedAt: Date?

  init(_ row: Row) throws {
    position = try row.get("position")
    name = try row.get("name")
    state = try row.get("state")
    progress = try row.get("progress")
    progressText = try row.get("progress_text")
    startedAt = try row.get("started_at")
    finishedAt = try row.get("finished_at")
  }
}

/// How loud a line of a job's log is.
public enum JobLogLevel: String, Sendable, Hashable, Codable, PostgresEncodable, PostgresDecodable {
  /// What tools print.
  case output
  /// What happens.
  case info
  /// What may need attention.
  case warning
  /// What went wrong.
  case error
}

/// One line of a job's log.
public struct JobLogLine: Sendable, Hashable {
  /// Its number in the job, from 1 without gaps.
  public let seq: Int
  /// When it was written, by the worker's clock.
  public let at: Date
  /// How loud it is.
  public let level: JobLogLevel
  /// The step that wrote it.
  public let step: String?
  /// The text, without a line break at its end.
  public let line: String

  init(_ row: Row) throws {
    seq = try row.get("seq")
    at = try row.get("at")
    level = try row.get("level")
    step = try row.get("step")
    line = try row.get("line")
  }
}
