import Client
import Foundation
import Hosting
import Hummingbird

/// The logs of instances.
struct InstanceLogController {
  let hosting: Hosting
  let heartbeat: Duration

  /// How many lines a request gets where it does not say.
  static let usualTail = 200
  /// How many lines a request gets at most.
  static let longestTail = 10_000

  func addRoutes(to routes: Routes) {
    routes.get("/instances/{ref}/log", .permission(.viewLogs), log)
    routes.get("/instances/{ref}/log/stream", .permission(.viewLogs), stream)
    routes.get("/instances/{ref}/log/export", .permission(.viewLogs), export)
  }

  private func log(_ request: Request, _ context: WebContext) async throws -> Response {
    let lines = try await lines(of: request, context, follow: false)
    var items: [API.LogLine] = []
    for try await line in lines { items.append(API.LogLine(line)) }
    return try .json(API.Page(items: items, nextCursor: nil))
  }

  private func stream(_ request: Request, _ context: WebContext) async throws -> Response {
    let lines = try await lines(of: request, context, follow: true)
    let events = LogEvents(
      lines: lines, after: request.headers[.lastEventID].flatMap(LogEvents.Position.init))
    return EventStreamAnswer(events: events, request: request, context: context, heartbeat: heartbeat)
      .response
  }

  private func export(_ request: Request, _ context: WebContext) async throws -> Response {
    let query = try Query(request, "source", "tail")
    let instance = try await hosting.instance(context.parameter("ref"), by: context.actor)
    let source = try query.word("source", as: LogSource.self) ?? .odoo
    let tail = try query.number("tail", in: 1...Hosting.longestLog, default: Hosting.longestLog)
    let lines = try await hosting.log(
      of: instance.id.uuidString, source: source, tail: tail, follow: false, by: context.actor)
    return .textFile(of: lines, called: "\(instance.name)-\(source.rawValue).txt")
  }

  private func lines(
    of request: Request, _ context: WebContext, follow: Bool
  ) async throws -> AsyncThrowingStream<InstanceLogLine, any Error> {
    let query = try Query(request, "source", "tail")
    let tail = try query.number("tail", in: 1...Self.longestTail, default: Self.usualTail)
    // Who comes back may have missed more lines than he first asked for.
    let isBack = follow && request.headers[.lastEventID] != nil
    return try await hosting.log(
      of: try context.parameter("ref"), source: query.word("source", as: LogSource.self) ?? .odoo,
      tail: isBack ? Self.longestTail : tail, follow: follow, by: context.actor)
  }
}
