import Foundation
import Jobs

extension Hosting {
  /// Durable work on something of ours: what it does, how far it is, and how it ended.
  public struct Operation: Sendable {
    /// How far an operation is.
    public enum State: String, Sendable, CaseIterable {
      /// It waits for its turn.
      case queued
      /// It is being worked on.
      case running
      /// It did what it was for.
      case succeeded
      /// It did not.
      case failed
      /// Somebody called it off.
      case cancelled
    }

    /// How far a step is.
    public enum StepState: String, Sendable {
      /// Not begun.
      case pending
      /// Being worked on.
      case running
      /// Done.
      case done
      /// It is where the operation failed.
      case failed
      /// Done, and taken back.
      case undone
    }

    /// One step of an operation.
    public struct Step: Sendable {
      /// The name, as the log has it.
      public var name: String
      /// How far it is.
      public var state: StepState
      /// When it began.
      public var startedAt: Date?
      /// When it ended.
      public var finishedAt: Date?
      /// 0 to 1, where the step knows it.
      public var progress: Double?
      /// What it is at.
      public var progressText: String?
    }

    /// The identity.
    public var id: UUID
    /// What is done, such as `instance.create`.
    public var kind: String
    /// How far it is.
    public var state: State
    /// The instance that it works on.
    public var instance: UUID?
    /// That instance's name.
    public var instanceName: String?
    /// The server that it works on, where it works on one as a whole.
    public var server: UUID?
    /// That server's name.
    public var serverName: String?
    /// Who asked for it.
    public var requestedBy: String
    /// When.
    public var createdAt: Date
    /// When it was first taken up.
    public var startedAt: Date?
    /// When it ended.
    public var finishedAt: Date?
    /// Why it failed or was cancelled, or what it waits for.
    public var reason: String?
    /// Its steps in order.
    public var steps: [Step]

    /// Whether nothing more will happen to it.
    public var isFinished: Bool { state == .succeeded || state == .failed || state == .cancelled }
  }
}

/// The same by its short name, for files where Foundation's class of that name is not in sight.
public typealias Operation = Hosting.Operation

/// One line of an operation's log.
public struct OperationLogLine: Sendable, Equatable {
  /// The line's number, counted from 1 without gaps.
  public var number: Int
  /// When it was written.
  public var time: Date
  /// The step that wrote it.
  public var step: String?
  /// `debug`, `info`, `warning` or `error`.
  public var level: String
  /// The text.
  public var text: String
}

/// What somebody who follows an operation is told.
public enum OperationEvent: Sendable {
  /// A line was written.
  case log(OperationLogLine)
  /// Its state, a step or its progress changed.
  case changed(Operation)
}
