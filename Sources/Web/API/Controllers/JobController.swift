import Client
import Hosting
import Hummingbird

/// What was done, is being done and waits.
struct JobController {
  let hosting: Hosting
  let heartbeat: Duration

  func addRoutes(to routes: Routes) {
    routes.get("/jobs", .permission(.viewInstances), jobs)
    routes.get("/jobs/{id}", .permission(.viewInstances), job)
    routes.get("/jobs/{id}/log", .permission(.viewInstances), log)
    routes.get("/jobs/{id}/stream", .permission(.viewInstances), stream)
    routes.post("/jobs/{id}/cancel", .permission(.viewInstances), cancel)
  }

  private func jobs(_ request: Request, _ context: WebContext) async throws -> Response {
    let query = try Query(request, "instance", "limit", "cursor")
    let page = try await hosting.operations(of: query.text("instance"), page: query.page(), by: context.actor)
    return try .json(API.Page(page, API.Job.init))
  }

  private func job(_ request: Request, _ context: WebContext) async throws -> Response {
    try .json(API.Job(try await hosting.operation(try context.id("job"), by: context.actor)))
  }

  private func log(_ request: Request, _ context: WebContext) async throws -> Response {
    let query = try Query(request, "after", "limit")
    let lines = try await hosting.operationLog(
      try context.id("job"), after: try query.number("after", in: 0...Int(Int32.max), default: 0),
      limit: try query.number("limit", in: 1...1000, default: 1000), by: context.actor)
    return try .json(API.Page(items: lines.map(API.JobLogLine.init), nextCursor: nil))
  }

  private func stream(_ request: Request, _ context: WebContext) async throws -> Response {
    let after = request.headers[.lastEventID].flatMap(Int.init) ?? 0
    let events = try await hosting.followOperation(
      try context.id("job"), after: max(0, after), by: context.actor)
    return EventStreamAnswer(
      events: JobEvents(events: events), request: request, context: context, heartbeat: heartbeat
    ).response
  }

  private func cancel(_ request: Request, _ context: WebContext) async throws -> Response {
    try .accepted(try await hosting.cancelOperation(try context.id("job"), by: context.actor))
  }
}

/// What happens in a job as events; only lines have ids, so that who comes back gets what he missed of them.
struct JobEvents: AsyncSequence, Sendable {
  let events: AsyncThrowingStream<OperationEvent, any Error>

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(events: events.makeAsyncIterator()) }

  struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var events: AsyncThrowingStream<OperationEvent, any Error>.AsyncIterator
    private var isOver = false

    fileprivate init(events: AsyncThrowingStream<OperationEvent, any Error>.AsyncIterator) {
      self.events = events
    }

    mutating func next() async throws -> OutgoingEvent? {
      switch try await events.next() {
      case .log(let line):
        return try OutgoingEvent(id: String(line.number), name: "log", json: API.JobLogLine(line))
      case .changed(let operation): return try OutgoingEvent(name: "job", json: API.Job(operation))
      case nil:
        guard !isOver else { return nil }
        isOver = true
        return .end
      }
    }
  }
}
