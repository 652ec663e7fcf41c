import FoundationEssentials

/// Where a job is in its life; docs/jobs.md has the picture.
public enum JobState: String, Sendable, Hashable, CaseIterable, Codable {
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

  package init(
    id: UUID, kind: String, state: JobState, subject: UUID? = nil, organisation: UUID? = nil,
    requestedBy: String? = nil, priority: Int, runAt: Date, attempt: Int, interruptions: Int,
    isCancelRequested: Bool, reason: String? = nil, waitsFor: UUID? = nil, supersededBy: UUID? = nil,
    createdAt: Date, startedAt: Date? = nil, finishedAt: Date? = nil
  ) {
    self.id = id
    self.kind = kind
    self.state = state
    self.subject = subject
    self.organisation = organisation
    self.requestedBy = requestedBy
    self.priority = priority
    self.runAt = runAt
    self.attempt = attempt
    self.interruptions = interruptions
    self.isCancelRequested = isCancelRequested
    self.reason = reason
    self.waitsFor = waitsFor
    self.supersededBy = supersededBy
    self.createdAt = createdAt
    self.startedAt = startedAt
    self.finishedAt = finishedAt
  }
}

/// Where a step is.
public enum StepState: String, Sendable, Hashable, Codable {
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

  package init(
    position: Int, name: String, state: StepState, progress: Double? = nil, progressText: String? = nil,
    startedAt: Date, finishedAt: Date? = nil
  ) {
    self.position = position
    self.name = name
    self.state = state
    self.progress = progress
    self.progressText = progressText
    self.startedAt = startedAt
    self.finishedAt = finishedAt
  }
}

/// How loud a line of a job's log is.
public enum JobLogLevel: String, Sendable, Hashable, Codable {
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

  package init(
    seq: Int, at: Date, level: JobLogLevel, step: String? = nil, line: String
  ) {
    self.seq = seq
    self.at = at
    self.level = level
    self.step = step
    self.line = line
  }
}
