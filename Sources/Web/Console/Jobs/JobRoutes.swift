import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  func addJobRoutes(to routes: Routes) {
    routes.get("/jobs", .permission(.viewInstances)) { request, context in
      let cursor = request.query("cursor")
      let jobs = try await hosting.operations(
        of: nil, page: PageRequest(cursor: cursor.isEmpty ? nil : cursor), by: context.actor)
      let page = JobsPage(
        jobs: jobs.items.map { JobRow($0, subject: true) }, shown: countText(jobs.items.count, "job"),
        first: cursor.isEmpty ? nil : "/jobs", next: jobs.nextCursor.map { "/jobs?cursor=\($0.inAddress)" })
      return try answer(page, "Jobs", section: .jobs, events: "/events", request, context)
    }
    routes.get("/jobs/{id}", .permission(.viewInstances)) { request, context in
      let job = try await job(context)
      let lines = try await lastLines(of: job, by: context.actor)
      let page = JobPage(
        job, lines: lines, refusal: try await refusal(ofCancelling: job, by: context.actor))
      // Nothing more happens to a job that has ended.
      let events = job.isFinished ? nil : "/events?job=\(job.id)&after=\(lines.last?.number ?? 0)"
      return try answer(page, job.heading, section: .jobs, events: events, request, context)
    }
    routes.get("/jobs/{id}/log.txt", .permission(.viewInstances)) { _, context in
      let job = try await job(context)
      let actor = try context.actor
      return .textFile("\(job.kind)-\(job.id).txt") { write in
        var last = 0
        while true {
          let lines = try await hosting.operationLog(job.id, after: last, limit: 1000, by: actor)
          guard let end = lines.last else { return }
          last = end.number
          for line in lines { try await write("\(Moment(line.time).iso) \(line.level) \(line.text)\n") }
        }
      }
    }
    routes.get("/jobs/{id}/cancel", .permission(.viewInstances)) { request, context in
      let job = try await hosting.operationToCancel(jobID(context), by: context.actor)
      let page = AskPage(
        crumbs: [
          LinkView(label: "Jobs", href: "/jobs"), LinkView(label: job.heading, href: "/jobs/\(job.id)"),
        ],
        heading: "Cancel: \(job.heading)",
        points: [
          "The step that is under way is stopped on the server.",
          "What was done so far is taken back where it can be.",
        ], action: "/jobs/\(job.id)/cancel", button: "Cancel this job", style: "warn", cancel: "Let it go on",
        back: "/jobs/\(job.id)")
      return try answer(page, page.heading, section: .jobs, narrow: true, request, context)
    }
    routes.post("/jobs/{id}/cancel", .permission(.viewInstances)) { _, context in
      let id = try jobID(context)
      return try await saying(at: "/jobs/\(id)") {
        _ = try await hosting.cancelOperation(id, by: context.actor)
        return "You asked for this job to be cancelled."
      }
    }
  }

  private func job(_ context: WebContext) async throws -> Hosting.Operation {
    try await hosting.operation(jobID(context), by: context.actor)
  }

  /// Why `actor` may not call `job` off; nil where he may.
  private func refusal(ofCancelling job: Hosting.Operation, by actor: Actor) async throws -> String? {
    guard !job.isFinished else { return nil }
    do {
      _ = try await hosting.operationToCancel(job.id, by: actor)
      return nil
    } catch let error as HostingError where error.code == .forbidden {
      return error.message
    }
  }

  private func jobID(_ context: WebContext) throws -> UUID {
    let text = try context.parameter("id")
    guard let id = UUID(uuidString: text) else {
      throw HostingError(.notFound, "There is no job “\(text)”.", suggestion: "See the list of jobs.")
    }
    return id
  }

  /// The last lines of a job's log, as many as a page shows.
  private func lastLines(of job: Hosting.Operation, by actor: Actor) async throws -> [OperationLogLine] {
    var lines: [OperationLogLine] = []
    while true {
      let more = try await hosting.operationLog(
        job.id, after: lines.last?.number ?? 0, limit: 1000, by: actor)
      lines.append(contentsOf: more)
      if lines.count > 4000 { lines.removeFirst(lines.count - 4000) }
      if more.count < 1000 { return lines }
    }
  }
}

extension JobPage {
  /// - Parameter refusal: why the one who looks may not call it off; nil where he may.
  init(_ job: Hosting.Operation, lines: [OperationLogLine], refusal: String?) {
    var crumbs = [LinkView(label: "Jobs", href: "/jobs")]
    if let name = job.instanceName {
      crumbs = [
        LinkView(label: "Instances", href: "/instances"), LinkView(label: name, href: "/instances/\(name)"),
        LinkView(label: "Queue", href: "/instances/\(name)/queue"),
      ]
    } else if let name = job.serverName {
      crumbs = [
        LinkView(label: "Servers", href: "/servers"),
        LinkView(label: name, href: "/servers/\(name.inAddress)"),
      ]
    }
    self.init(
      crumbs: crumbs, heading: job.heading, state: job.stateView, who: job.requestedBy,
      created: Moment(job.createdAt),
      took: job.took, reason: job.state == .succeeded ? nil : job.reason,
      reasonLook: job.state == .failed ? "bad" : job.state == .cancelled ? "warn" : "info", suggestion: nil,
      actions: job.isFinished
        ? []
        : [
          ActionView(
            id: "cancel", label: "Cancel", icon: "x", style: "warn", href: "/jobs/\(job.id)/cancel",
            dialog: true, refused: refusal)
        ],
      job: JobStepsView(job),
      terminal: TerminalView(
        label: "Log of the job", follows: !job.isFinished, action: "", refresh: "/jobs/\(job.id)",
        refreshes: false,
        download: "/jobs/\(job.id)/log.txt", lines: JobLogLines.lines(lines),
        emptyText: "Nothing was logged yet.",
        updated: Moment(Date())))
  }
}

/// The log of a job, line by line: a step's name where it begins, then what it says, each with the time of day in UTC.
enum JobLogLines {
  static func lines(_ lines: [OperationLogLine]) -> [TerminalView.Line] {
    lines.map { .init(look: look($0.level), text: text($0)) }
  }

  static func look(_ level: String) -> String {
    ["debug", "warning", "error"].contains(level) ? level : "info"
  }

  static func text(_ line: OperationLogLine) -> String {
    let time = Moment(line.time).full.dropFirst(11).prefix(8)
    return "\(time)  \(line.step.map { "[\($0)] " } ?? "")\(line.text)"
  }
}
