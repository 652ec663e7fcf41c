import Client
import Hosting

extension API.Job {
  init(_ operation: Operation) {
    self.init(
      id: operation.id, kind: operation.kind, state: operation.state.rawValue, instance: operation.instance,
      instanceName: operation.instanceName, server: operation.server, serverName: operation.serverName,
      requestedBy: operation.requestedBy, createdAt: operation.createdAt,
      startedAt: operation.startedAt, finishedAt: operation.finishedAt, reason: operation.reason,
      steps: operation.steps.map(Step.init))
  }
}

extension API.Job.Step {
  init(_ step: Operation.Step) {
    self.init(
      name: step.name, state: step.state.rawValue, startedAt: step.startedAt, finishedAt: step.finishedAt,
      progress: step.progress, progressText: step.progressText)
  }
}

extension API.JobLogLine {
  init(_ line: OperationLogLine) {
    self.init(number: line.number, time: line.time, step: line.step, level: line.level, text: line.text)
  }
}
