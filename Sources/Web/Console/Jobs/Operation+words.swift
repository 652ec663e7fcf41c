import Foundation
import Hosting

extension Hosting.Operation {
  /// What is done with the thing that it works on: `is being stopped`.
  var underWay: String {
    switch kind {
    case "instance.create": "is being created"
    case "instance.start": "is being started"
    case "instance.stop": "is being stopped"
    case "instance.restart.soft", "instance.restart.hard": "is being restarted"
    case "instance.remove": "is being removed"
    default: "is being worked on"
    }
  }

  /// The same, once it is done: `is stopped`.
  var outcome: String {
    underWay.replacing("is being worked on", with: "is done").replacing(" being", with: "")
  }

  /// That it failed, as a sentence without a full stop.
  var failure: String {
    switch kind {
    case "instance.create": "Creating it failed"
    case "instance.start": "Starting it failed"
    case "instance.stop": "Stopping it failed"
    case "instance.restart.soft": "The soft restart failed"
    case "instance.restart.hard": "The hard restart failed"
    case "instance.remove": "Removing it failed"
    default: "\(title) failed"
    }
  }

  /// The title with what it works on.
  var heading: String { [title, instanceName ?? serverName].compactMap(\.self).joined(separator: " ") }

  /// How far it is, in percent of its steps; nil where it has none.
  var percent: Int? {
    guard !steps.isEmpty else { return nil }
    let done = steps.reduce(0.0) { sum, step in
      switch step.state {
      case .done: sum + 1
      case .running: sum + min(1, max(0, step.progress ?? 0))
      default: sum
      }
    }
    return Int(done / Double(steps.count) * 100)
  }

  /// How long it took, in words; nil until it has ended.
  var took: String? {
    guard let finishedAt else { return nil }
    return Moment.length(finishedAt.timeIntervalSince(startedAt ?? createdAt))
  }

  /// The dot and the word.
  var stateView: StateView {
    switch state {
    case .queued: .init(look: "stopped", text: "Queued")
    case .running: .init(look: "busy", text: "Running")
    case .succeeded: .init(look: "succeeded", text: "Done")
    case .failed: .init(look: "failed", text: "Failed")
    case .cancelled: .init(look: "cancelled", text: "Cancelled")
    }
  }
}

extension JobRow {
  /// - Parameter subject: whether the list has jobs of several things, so that each says which one it works on.
  init(_ job: Hosting.Operation, subject: Bool) {
    self.init(
      id: job.id.uuidString, href: "/jobs/\(job.id)", title: job.title,
      subject: subject ? job.instanceName ?? job.serverName : nil,
      state: job.stateView, reason: job.state == .succeeded ? nil : job.reason, who: job.requestedBy,
      created: Moment(job.createdAt), completed: job.finishedAt.map { Moment($0) }, took: job.took)
  }
}

extension JobStepsView {
  init(_ job: Hosting.Operation) {
    self.init(state: job.stateView, steps: job.steps.map(Step.init))
  }
}

extension JobStepsView.Step {
  init(_ step: Hosting.Operation.Step) {
    let (text, icon): (String, String?) =
      switch step.state {
      case .pending: ("not begun", nil)
      case .running: ("under way", nil)
      case .done: ("done", "check")
      case .failed: ("failed", "x")
      case .undone: ("taken back", "undo")
      }
    let took = step.startedAt.flatMap { began in
      step.finishedAt.map { Moment.length($0.timeIntervalSince(began)) }
    }
    let isRunning = step.state == .running
    self.init(
      name: step.name, look: step.state.rawValue, stateText: text, icon: icon, took: took,
      progressText: isRunning ? step.progressText : nil,
      percent: isRunning ? step.progress.map { Int(min(1, max(0, $0)) * 100) } : nil)
  }
}
