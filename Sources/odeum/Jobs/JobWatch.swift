import Client
import Foundation

/// Watches a job until it has ended, and shows how it goes: a step list that redraws itself on a terminal, plain lines
/// elsewhere.
struct JobWatch: Sendable {
  let client: OdeumClient
  /// Whether the job's log lines are shown too.
  var showsLog = false

  /// The job as it ended.
  ///
  /// Throws `Interrupted` after Ctrl-C; the job goes on.
  func end(of job: API.Job) async throws -> API.Job {
    let screen: any JobScreen =
      Terminal.messages.isInteractive ? LiveScreen(Terminal.messages, job) : PlainScreen(Terminal.messages)
    return try await withThrowingTaskGroup(of: API.Job?.self) { group in
      group.addTask { try await untilInterrupted { try await follow(job, screen) } }
      group.addTask {
        while (try? await Task.sleep(for: .milliseconds(100))) != nil { await screen.tick() }
        return nil
      }
      do {
        while let ended = try await group.next() {
          guard let ended else { continue }
          group.cancelAll()
          await screen.close()
          return ended
        }
        throw CancellationError()
      } catch {
        group.cancelAll()
        await screen.close()
        throw error
      }
    }
  }

  private func follow(_ job: API.Job, _ screen: any JobScreen) async throws -> API.Job {
    var last = job
    await screen.show(.changed(job))
    for try await event in client.follow(job: job.id) {
      if case .changed(let job) = event { last = job }
      if case .log(let line) = event, showsLog {
        await screen.print(Self.text(of: line, Terminal.messages.style))
      }
      await screen.show(event)
    }
    if !last.isFinished {
      last = try await client.send(.job(job.id)).value
      await screen.show(.changed(last))
    }
    return last
  }

  /// A line of a job's log as people read it.
  static func text(of line: API.JobLogLine, _ style: Style) -> String {
    let ink: Style.Ink? =
      switch line.level {
      case "error": .red
      case "warning": .yellow
      case "debug": .dim
      default: nil
      }
    let time = line.time.formatted(
      .iso8601.time(includingFractionalSeconds: false).timeZone(separator: .omitted))
    let step = line.step.map { "\($0): " } ?? ""
    return style(String(time.prefix(8)), .dim) + " " + style(step, .dim)
      + style(Columns.harmless(line.text), ink)
  }
}

/// Where a job is shown.
protocol JobScreen: Actor {
  /// Takes notice of `event`.
  func show(_ event: API.JobEvent)
  /// Prints a line that stays.
  func print(_ line: String)
  /// Time has passed.
  func tick()
  /// Leaves the screen as it should stay.
  func close()
}

/// A step list that is drawn over itself.
actor LiveScreen: JobScreen {
  private let terminal: Terminal
  private var view: JobView
  private var ticks = 0
  private var drawn = 0
  private var isClosed = false

  init(_ terminal: Terminal, _ job: API.Job) {
    self.terminal = terminal
    view = JobView(job)
    QuietInput.begin()
    terminal.write("\u{1B}[?25l")
  }

  func show(_ event: API.JobEvent) {
    view.take(event)
  }

  func print(_ line: String) {
    draw(above: [line])
  }

  func tick() {
    ticks += 1
    draw()
  }

  func close() {
    draw()
    isClosed = true
    terminal.write("\u{1B}[?25h")
    QuietInput.end()
  }

  /// Goes back over what was drawn and writes it anew, in one write so that nothing flickers.
  private func draw(above: [String] = []) {
    guard !isClosed else { return }
    let width = (terminal.width ?? 80) - 1
    let lines = view.lines(width: width, tick: ticks, now: Date(), terminal.style)
    let back = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
    let text = (above + lines).map { "\r\u{1B}[2K\($0)\n" }.joined()
    terminal.write(back + text + "\u{1B}[0J")
    drawn = lines.count
  }
}

/// Lines for a file or a pipe.
actor PlainScreen: JobScreen {
  private let terminal: Terminal
  private var lines = JobLines()

  init(_ terminal: Terminal) {
    self.terminal = terminal
  }

  func show(_ event: API.JobEvent) {
    guard case .changed(let job) = event else { return }
    for line in lines.take(job) { terminal.line(line) }
  }

  func print(_ line: String) { terminal.line("  \(line)") }

  func tick() {}

  func close() {}
}
