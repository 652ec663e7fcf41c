import Client
import Foundation

/// What is known of a job that is being watched, and the lines that show it.
struct JobView {
  private(set) var job: API.Job
  /// The last line that each step wrote.
  private var lastLines: [String: String] = [:]

  init(_ job: API.Job) {
    self.job = job
  }

  mutating func take(_ event: API.JobEvent) {
    switch event {
    case .changed(let job): self.job = job
    case .log(let line): if let step = line.step { lastLines[step] = line.text }
    }
  }

  /// The step list as it stands at `now`: one line a step, with a bar where the step knows how far it is, and with
  /// what it is at.
  func lines(width: Int, tick: Int, now: Date, _ style: Style) -> [String] {
    let nameWidth = job.steps.map { Columns.count($0.name) }.max() ?? 0
    let lines = job.steps.map { step in
      var line = "  \(mark(of: step, tick, style)) \(Columns.pad(step.name, to: nameWidth + 2))"
      line += Columns.pad(Self.took(step, at: now), to: 12)
      if step.state == "running" { line += detail(of: step, room: width - Columns.count(line), style) }
      return line
    }
    let waiting =
      job.state == "queued" ? ["  \(style.spinner(tick)) \(job.reason ?? "waiting for its turn")"] : []
    return (waiting + lines).map { Columns.cut($0, to: width, style) }
  }

  private func mark(of step: API.Job.Step, _ tick: Int, _ style: Style) -> String {
    switch step.state {
    case "done": style.done
    case "running": style.spinner(tick)
    case "failed": style.failed
    case "undone": style.undone
    default: style.pending
    }
  }

  private func detail(of step: API.Job.Step, room: Int, _ style: Style) -> String {
    var detail = ""
    if let progress = step.progress {
      let percent = "\(Int(progress * 100)) %"
      detail = style.bar(progress, width: max(8, min(24, room / 3))) + "  " + Columns.pad(percent, to: 7)
    }
    if let text = step.progressText ?? lastLines[step.name] { detail += style(Columns.harmless(text), .dim) }
    return detail
  }

  /// How long `step` took, or has taken so far.
  static func took(_ step: API.Job.Step, at now: Date) -> String {
    guard let startedAt = step.startedAt else { return "" }
    return (step.finishedAt ?? now).timeIntervalSince(startedAt).inWords
  }
}

/// What changed in a job since it was last looked at, as lines for a log file.
struct JobLines {
  private var states: [String: String] = [:]

  /// The lines for what is new in `job`: one for each step's begin and one for its end, also where both came between two
  /// looks.
  mutating func take(_ job: API.Job) -> [String] {
    var lines: [String] = []
    for (index, step) in job.steps.enumerated() {
      let before = states.updateValue(step.state, forKey: step.name) ?? "pending"
      guard step.state != before, step.state != "pending" else { continue }
      let place = "[\(index + 1)/\(job.steps.count)] \(step.name)"
      if before == "pending" || step.state == "running" { lines.append(place) }
      switch step.state {
      case "running": break
      case "done": lines.append("\(place): done in \(JobView.took(step, at: Date()))")
      default: lines.append("\(place): \(step.state)")
      }
    }
    return lines
  }
}
