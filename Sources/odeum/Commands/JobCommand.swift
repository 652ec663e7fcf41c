import ArgumentParser
import Client
import Foundation

/// `odeum job …`
struct JobCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "What was done, is being done and waits.",
    subcommands: [ListJobs.self, ShowJob.self, CancelJob.self], aliases: ["jobs"])
}

/// `odeum job list`
struct ListJobs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List jobs, newest first.", aliases: ["ls"])

  @Option(help: ArgumentHelp("Only those on this instance.", valueName: "name"))
  var instance: String?

  @Option(help: ArgumentHelp("Only those on this server as a whole.", valueName: "name"))
  var server: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("At most that many.", valueName: "n"))
  var limit = 20

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { client in
      if let server {
        return try await client.askingServer {
          try await client.send(.jobs(onServer: server, limit: limit))
        }
      }
      return try await client.asking(about: instance ?? "") {
        try await client.send(.jobs(of: instance, limit: limit))
      }
    }
    if common.json { return Terminal.output.json(answer.body) }
    guard !answer.value.items.isEmpty else { return Terminal.messages.line("There are no jobs yet.") }
    Terminal.output.show(Self.table(answer.value.items, Terminal.output.style))
  }

  /// One row a job; one that failed says why.
  static func table(_ jobs: [API.Job], _ style: Style, now: Date = Date()) -> Table {
    var table = Table(head: ["ID", "JOB", "OF", "STATE", "BY", "ASKED", "TOOK", ""])
    let length = Self.length(of: jobs.map(\.id))
    table.rows = jobs.map { job in
      let took = job.startedAt.map { (job.finishedAt ?? now).timeIntervalSince($0).inWords } ?? ""
      return [
        String(job.id.uuidString.lowercased().prefix(length)), job.title, job.subjectName ?? "",
        style.state(job.state),
        job.requestedBy, job.createdAt.ago(at: now), took,
        job.state == "succeeded" ? "" : job.reason.map(Columns.harmless) ?? "",
      ]
    }
    return table
  }
}

extension ListJobs {
  /// How many letters of `ids` tell them apart, 8 or more: jobs that were asked for within a minute begin alike.
  static func length(of ids: [UUID]) -> Int {
    let texts = ids.map { $0.uuidString.lowercased() }
    return (8..<36).first { length in Set(texts.map { $0.prefix(length) }).count == texts.count } ?? 36
  }
}

/// `odeum job show ID`
struct ShowJob: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a job's steps; with --follow until it has ended.")

  @Argument(help: "The job's id; its first letters are enough.")
  var id: String

  @Flag(name: [.short, .long], help: "Watch it until it has ended.")
  var follow = false

  @Flag(help: "Show its log too.")
  var log = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.connected { client in
      var answer = try await client.asking(aboutJob: id) { try await client.send(.job($0)) }
      if follow, !answer.value.isFinished {
        answer.value = try await watch(answer.value, client)
        answer.body = try API.encoder().encode(answer.value)
      } else if !common.json {
        try await show(answer.value, client)
      }
      if common.json { Terminal.output.json(answer.body) }
      if follow { try answer.value.requireSuccess() }
    }
  }

  private func watch(_ job: API.Job, _ client: OdeumClient) async throws -> API.Job {
    if !common.json { Terminal.messages.line(Self.head(job, Terminal.messages.style)) }
    do {
      let ended = try await JobWatch(client: client, showsLog: log).end(of: job)
      if !common.json { Terminal.output.line(Self.head(ended, Terminal.output.style)) }
      return ended
    } catch is Interrupted {
      throw CommandFailure(
        status: .interrupted, message: "No longer watching; the job goes on without you.",
        next: "odeum job show \(id) --follow")
    }
  }

  private func show(_ job: API.Job, _ client: OdeumClient) async throws {
    let terminal = Terminal.output
    terminal.line(Self.head(job, terminal.style))
    for line in JobView(job).lines(width: terminal.width ?? 500, tick: 0, now: Date(), terminal.style) {
      terminal.line(line)
    }
    if let reason = job.reason {
      terminal.line("\n\(terminal.style("Reason:", .bold)) \(Columns.harmless(reason))")
    }
    guard log else { return }
    terminal.line()
    var after = 0
    while true {
      let lines = try await client.send(.jobLog(job.id, after: after, limit: 1000)).value.items
      for line in lines { terminal.line(JobWatch.text(of: line, terminal.style)) }
      guard let last = lines.last else { break }
      after = last.number
    }
  }

  /// What the job is, how it stands, and who asked for it when.
  static func head(_ job: API.Job, _ style: Style, now: Date = Date()) -> String {
    let subject = job.subjectName.map { " \($0)" } ?? ""
    let took = job.startedAt.map { " · \((job.finishedAt ?? now).timeIntervalSince($0).inWords)" } ?? ""
    return
      "\(style(job.title + subject, .bold))  \(style.state(job.state))\(took) · asked for by \(job.requestedBy) \(job.createdAt.ago(at: now))"
  }
}

/// `odeum job cancel ID`
struct CancelJob: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "cancel", abstract: "Cancel a job.")

  @Argument(help: "The job's id; its first letters are enough.")
  var id: String

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.connected { client in
      let answer = try await client.asking(aboutJob: id) { try await client.send(.cancelJob($0)) }
      let job = try await client.wait(for: answer.value, waiting, json: common.json)
      if common.json { return try Terminal.output.json(job) }
      let style = Terminal.output.style
      Terminal.output.line(
        job.state == "cancelled"
          ? "\(style.done) \(job.title) is cancelled" : ShowJob.head(job, style))
    }
  }
}

extension OdeumClient {
  /// Runs `body` for the job whose id `text` is or begins; where there is none, the advice is the command that lists them.
  fileprivate func asking<Result>(
    aboutJob text: String, _ body: (UUID) async throws -> Result
  ) async throws -> Result {
    try await orListed(by: "odeum job list") { try await body(jobID(text)) }
  }

  /// The id that `text` is or begins.
  private func jobID(_ text: String) async throws -> UUID {
    if let id = UUID(uuidString: text) { return id }
    let jobs = try await send(.jobs(limit: 200)).value.items
    let found = jobs.map(\.id).filter { $0.uuidString.lowercased().hasPrefix(text.lowercased()) }
    guard found.count < 2 else {
      throw CommandFailure(
        status: .usage, message: "More than one job's id begins with “\(text)”.", next: "odeum job list")
    }
    guard let id = found.first, !text.isEmpty else {
      throw CommandFailure(
        status: .notFound, message: "No recent job's id begins with “\(text)”.", next: "odeum job list")
    }
    return id
  }
}
