import FoundationEssentials

/// Another job is at work on the same subject.
public struct JobConflict: Error, Sendable, Hashable, CustomStringConvertible {
  /// The job that is in the way.
  public let activeJobID: UUID
  /// Its kind.
  public let kind: String

  /// A conflict with that job.
  public init(activeJobID: UUID, kind: String) {
    self.activeJobID = activeJobID
    self.kind = kind
  }

  /// What is in the way and what to do.
  public var description: String {
    "the job '\(kind)' (\(activeJobID.uuidString.lowercased())) is at work on it: wait for its end, or cancel it"
  }
}

/// There is no job with this number.
public struct JobNotFound: Error, Sendable, Hashable, CustomStringConvertible {
  /// The number asked for.
  public let id: UUID

  package init(id: UUID) {
    self.id = id
  }

  /// Which job is missing.
  public var description: String { "there is no job \(id.uuidString.lowercased())" }
}

/// The job is no longer this worker's: another one has it, or it has ended. The step must stop at once.
public struct LeaseLost: Error, Sendable, CustomStringConvertible {
  package init() {}

  /// What happened.
  public var description: String { "the job has gone to another worker, because this one was taken for dead" }
}

/// A step took longer than it may.
public struct DeadlineExceeded: Error, Sendable, Hashable, CustomStringConvertible {
  /// The step's name.
  public let step: String
  /// What it was allowed.
  public let deadline: Duration

  /// Which step, and its limit.
  public var description: String {
    "the step '\(step)' was not done within \(deadline.formattedForPeople)"
  }
}

extension Duration {
  /// `250 ms`, `12 s`, `5 min`, `2 h`: the largest unit that loses nothing important.
  var formattedForPeople: String {
    let milliseconds = components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    switch milliseconds {
    case ..<1_000: return "\(milliseconds) ms"
    case ..<120_000: return "\(milliseconds / 1_000) s"
    case ..<7_200_000: return "\(milliseconds / 60_000) min"
    default: return "\(milliseconds / 3_600_000) h"
    }
  }
}
