import Foundation

extension API {
  /// An operation: durable work made of named steps.
  public struct Job: Codable, Sendable, Equatable {
    /// The identity.
    public var id: UUID
    /// What is done, such as `instance.create`.
    public var kind: String
    /// `queued`, `running`, `succeeded`, `failed` or `cancelled`.
    public var state: String
    /// The instance that it works on, if any.
    public var instance: UUID?
    /// That instance's name.
    public var instanceName: String?
    /// The server that it works on as a whole, if any.
    public var server: UUID?
    /// That server's name.
    public var serverName: String?
    /// Who asked for it.
    public var requestedBy: String
    /// When it was asked for.
    public var createdAt: Date
    /// When it was first taken up.
    public var startedAt: Date?
    /// When it ended.
    public var finishedAt: Date?
    /// Why it failed or was cancelled and what to do about it, or what it waits for.
    public var reason: String?
    /// Its steps in order; those not begun yet included.
    public var steps: [Step]

    /// One step of a job.
    public struct Step: Codable, Sendable, Equatable {
      /// The name, as the log has it.
      public var name: String
      /// `pending`, `running`, `done`, `failed` or `undone`.
      public var state: String
      /// When it began.
      public var startedAt: Date?
      /// When it ended.
      public var finishedAt: Date?
      /// 0 to 1, where the step knows it.
      public var progress: Double?
      /// What the step is at.
      public var progressText: String?

      /// One step with what is known of it.
      public init(
        name: String, state: String, startedAt: Date?, finishedAt: Date?, progress: Double?,
        progressText: String?
      ) {
        self.name = name
        self.state = state
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.progress = progress
        self.progressText = progressText
      }
    }

    /// A job with everything that is known of it.
    public init(
      id: UUID, kind: String, state: String, instance: UUID?, instanceName: String?, server: UUID? = nil,
      serverName: String? = nil, requestedBy: String, createdAt: Date, startedAt: Date?, finishedAt: Date?,
      reason: String?, steps: [Step]
    ) {
      self.id = id
      self.kind = kind
      self.state = state
      self.instance = instance
      self.instanceName = instanceName
      self.server = server
      self.serverName = serverName
      self.requestedBy = requestedBy
      self.createdAt = createdAt
      self.startedAt = startedAt
      self.finishedAt = finishedAt
      self.reason = reason
      self.steps = steps
    }

    /// Whether nothing more will happen to the job.
    public var isFinished: Bool { ["succeeded", "failed", "cancelled"].contains(state) }
  }

  /// One line of a job's log.
  public struct JobLogLine: Codable, Sendable, Equatable {
    /// The line's number in the job, counted from 1 without gaps.
    public var number: Int
    /// When it was written.
    public var time: Date
    /// The step that wrote it.
    public var step: String?
    /// `debug`, `info`, `warning` or `error`.
    public var level: String
    /// The text.
    public var text: String

    /// One line of a job's log.
    public init(number: Int, time: Date, step: String?, level: String, text: String) {
      self.number = number
      self.time = time
      self.step = step
      self.level = level
      self.text = text
    }
  }
}
