import Foundation
import Jobs
import Postgres

extension Operation {
  /// What the queue knows of a job, in the words of the domain.
  ///
  /// - Parameters:
  ///   - begun: the steps that have begun.
  ///   - subject: the name of the instance or server that it works on, also of one that is gone.
  init(_ job: JobRecord, begun: [StepRecord], subject: String?) {
    id = job.id
    kind = job.kind
    state =
      switch job.state {
      case .queued: .queued
      // What waits in the middle is under way for whoever looks on; the reason says what it waits for.
      case .running, .snoozed: .running
      case .succeeded: .succeeded
      case .failed: .failed
      case .cancelled: .cancelled
      }
    if OperationKinds.isOnServer(job.kind) {
      server = job.subject
      serverName = subject
    } else {
      instance = job.subject
      instanceName = subject
    }
    requestedBy = job.requestedBy ?? "the control plane"
    createdAt = job.createdAt
    startedAt = job.startedAt
    finishedAt = job.finishedAt
    reason = job.reason
    let byName = Dictionary(begun.map { ($0.name, $0) }) { $1 }
    let planned = OperationKinds.steps[job.kind] ?? begun.map(\.name)
    steps = planned.map { name in
      byName[name].map(Step.init) ?? Step(name: name, state: job.state == .succeeded ? .done : .pending)
    }
  }
}

extension Operation.Step {
  init(_ record: StepRecord) {
    name = record.name
    state =
      switch record.state {
      case .running, .waiting: .running
      case .done: .done
      case .failed: .failed
      case .undone: .undone
      }
    startedAt = record.startedAt
    finishedAt = record.finishedAt
    progress = record.progress
    progressText = record.progressText
  }
}

extension OperationLogLine {
  init(_ line: JobLogLine) {
    self.init(number: line.seq, time: line.at, step: line.step, level: line.level.rawValue, text: line.line)
  }
}

/// Every kind of operation with the names of its steps, so that those not begun yet can be shown.
enum OperationKinds {
  static let steps: [String: [String]] = [
    CreateInstance.kind: CreateInstance.steps.map(\.name),
    StartInstance.kind: StartInstance.steps.map(\.name),
    StopInstance.kind: StopInstance.steps.map(\.name),
    RestartInstanceSoft.kind: RestartInstanceSoft.steps.map(\.name),
    RestartInstanceHard.kind: RestartInstanceHard.steps.map(\.name),
    RemoveInstance.kind: RemoveInstance.steps.map(\.name),
    ValidateServer.kind: ValidateServer.steps.map(\.name),
    PrepareServer.kind: PrepareServer.steps.map(\.name),
  ]

  /// Whether operations of `kind` work on a server as a whole.
  static func isOnServer(_ kind: String) -> Bool { kind.hasPrefix("server.") }
}
