import Client
import Foundation
import Testing

@testable import odeum

@Suite struct JobViewTests {
  private let start = Date(timeIntervalSince1970: 1_000_000)

  private func step(
    _ name: String, _ state: String, took: TimeInterval? = nil, progress: Double? = nil, text: String? = nil
  ) -> API.Job.Step {
    API.Job.Step(
      name: name, state: state, startedAt: state == "pending" ? nil : start,
      finishedAt: took.map { start.addingTimeInterval($0) }, progress: progress, progressText: text)
  }

  private func job(_ state: String, reason: String? = nil, _ steps: API.Job.Step...) -> API.Job {
    API.Job(
      id: UUID(), kind: "instance.create", state: state, instance: nil, instanceName: "shop",
      requestedBy: "me",
      createdAt: start, startedAt: start, finishedAt: nil, reason: reason, steps: steps)
  }

  private func lines(_ view: JobView, width: Int = 80) -> [String] {
    view.lines(width: width, tick: 0, now: start.addingTimeInterval(12), .plain)
  }

  @Test func `each step shows its state, how long it took, and what it is at`() {
    let view = JobView(
      job(
        "running", step("Check", "done", took: 0.3),
        step("Load the database", "running", progress: 0.5, text: "sale"),
        step("Start", "pending")))
    #expect(
      lines(view) == [
        "  + Check              0.3 s       ",
        "  | Load the database  12 s        #######--------  50 %   sale",
        "  . Start                          ",
      ])
  }

  @Test func `a step that does not know how far it is shows the last line it wrote`() {
    var view = JobView(job("running", step("Fetch", "running")))
    view.take(
      .log(
        API.JobLogLine(number: 1, time: start, step: "Fetch", level: "info", text: "layer 3\u{1B}[2J of 9")))
    #expect(lines(view)[0].hasSuffix("layer 3\u{FFFD}[2J of 9"))
    view.take(.log(API.JobLogLine(number: 2, time: start, step: "Other", level: "info", text: "not mine")))
    #expect(lines(view)[0].contains("layer 3"))
  }

  @Test func `a job that waits says for what`() {
    #expect(lines(JobView(job("queued", step("Check", "pending"))))[0] == "  | waiting for its turn")
    #expect(
      lines(JobView(job("queued", reason: "another job of shop is under way")))[0].hasSuffix("is under way"))
  }

  @Test(arguments: [20, 40, 61])
  func `no line is longer than the terminal is wide`(width: Int) {
    let view = JobView(
      job(
        "running",
        step("A step with a long name", "running", progress: 0.1, text: String(repeating: "x", count: 99))))
    #expect(lines(view, width: width).allSatisfy { Columns.count($0) <= width })
  }

  @Test func `plain lines tell each change once`() {
    var lines = JobLines()
    #expect(lines.take(job("running", step("A", "running"), step("B", "pending"))) == ["[1/2] A"])
    #expect(lines.take(job("running", step("A", "running", progress: 0.5), step("B", "pending"))).isEmpty)
    #expect(
      lines.take(job("running", step("A", "done", took: 2), step("B", "running"))) == [
        "[1/2] A: done in 2.0 s", "[2/2] B",
      ])
    #expect(
      lines.take(job("failed", step("A", "done", took: 2), step("B", "failed", took: 3))) == [
        "[2/2] B: failed"
      ])
  }

  @Test func `plain lines tell the begin and the end of a step also where both came between two looks`() {
    var lines = JobLines()
    _ = lines.take(job("running", step("A", "running"), step("B", "pending"), step("C", "pending")))
    #expect(
      lines.take(
        job("running", step("A", "done", took: 2), step("B", "done", took: 0), step("C", "running")))
        == ["[1/3] A: done in 2.0 s", "[2/3] B", "[2/3] B: done in 0.0 s", "[3/3] C"])
    var failed = JobLines()
    #expect(
      failed.take(job("failed", step("A", "failed", took: 1), step("B", "pending"))) == [
        "[1/2] A", "[1/2] A: failed",
      ])
    #expect(
      failed.take(job("failed", step("A", "undone", took: 1), step("B", "pending"))) == ["[1/2] A: undone"])
  }

  @Test(arguments: [
    ("instance.create", "Create"), ("instance.restart.hard", "Restart (hard)"), ("odd", "odd"),
  ])
  func `a job is named for people`(kind: String, title: String) {
    var job = job("running")
    job.kind = kind
    #expect(job.title == title)
  }

  @Test func `a job that failed tells where and why, and ends with its own status`() throws {
    let failed = job(
      "failed", reason: "The image odoo:19.0 cannot be had.", step("Check", "done", took: 1),
      step("Fetch", "failed", took: 2))
    let failure = #expect(throws: CommandFailure.self) { try failed.requireSuccess() }
    #expect(failure?.status == .jobFailed)
    #expect(failure?.message == "Create of shop failed at “Fetch”.")
    #expect(failure?.details == ["The image odoo:19.0 cannot be had."])
    #expect(failure?.next?.hasPrefix("odeum job show ") == true)
    #expect(throws: Never.self) { try job("succeeded").requireSuccess() }
  }

  @Test func `ids in a list are as long as they must be to tell jobs apart`() throws {
    let one = try #require(UUID(uuidString: "01A1FC65-F000-7000-8000-000000000001"))
    let two = try #require(UUID(uuidString: "01A1FC65-F001-7000-8000-000000000001"))
    #expect(ListJobs.length(of: [one]) == 8)
    #expect(ListJobs.length(of: [one, two]) == 13)
    #expect(ListJobs.length(of: []) == 8)
  }
}
