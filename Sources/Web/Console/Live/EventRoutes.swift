import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  func addEventRoutes(to routes: Routes) {
    routes.get("/events", .permission(.viewInstances)) { request, context in
      let events = PageEvents(feed: try await feed(request, context))
      return EventStreamAnswer(events: events, request: request, context: context, heartbeat: heartbeat)
        .response
    }
  }

  /// What fills the mailbox of the page that asks, by what its address names: `job`, `instance` with or without `log`,
  /// or nothing for everything.
  private func feed(
    _ request: Request, _ context: WebContext
  ) async throws -> @Sendable (Mailbox) async throws -> Void {
    let actor = try context.actor
    if !request.query("job").isEmpty {
      guard let id = UUID(uuidString: request.query("job")) else {
        throw HostingError(.notFound, "There is no job “\(request.query("job"))”.")
      }
      // A browser that comes back says where it was.
      let after = Int(request.headers[.lastEventID] ?? request.query("after")) ?? 0
      let events = try await hosting.followOperation(id, after: after, by: actor)
      return { try await Self.tell(events, to: $0) }
    }
    let changes = try await hosting.changes(by: actor)
    guard !request.query("instance").isEmpty else {
      return { mailbox in
        await mailbox.change()
        for await _ in changes { await mailbox.change() }
      }
    }
    let instance = try await hosting.instance(request.query("instance"), by: actor)
    guard let source = LogSource(rawValue: request.query("log")) else {
      return { mailbox in
        await mailbox.change()
        for await change in changes where change.concerns(instance.id) { await mailbox.change() }
      }
    }
    let viewer = LogFeed(
      hosting: hosting, instance: instance.id, source: source, tail: request.shownLines, actor: actor)
    return { try await viewer.run(changes, into: $0) }
  }

  private static func tell(
    _ events: AsyncThrowingStream<OperationEvent, any Error>, to mailbox: Mailbox
  ) async throws {
    for try await event in events {
      switch event {
      case .changed: await mailbox.change()
      case .log(let line):
        await mailbox.add(
          .init(look: JobLogLines.look(line.level), text: JobLogLines.text(line), number: line.number))
      }
    }
    await mailbox.change()
    await mailbox.end()
  }
}

extension Change {
  /// Whether a page that shows `instance` has to look again.
  func concerns(_ instance: UUID) -> Bool {
    switch self {
    case .instance(let id), .server(let id): id == instance
    case .operation(_, let id): id == instance
    case .everything: true
    }
  }
}

/// Follows the log of an instance for a page, also through the times in which there is none to follow.
struct LogFeed: Sendable {
  let hosting: any ConsoleHosting
  let instance: UUID
  let source: LogSource
  /// How many lines come first.
  let tail: Int
  let actor: Actor

  /// Tells of changes and of lines until it is cancelled. Where the log comes to its end, since the container stopped or
  /// was made anew, it begins again with the next change of the instance.
  func run(_ changes: AsyncStream<Change>, into mailbox: Mailbox) async throws {
    let (again, starts) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await mailbox.change()
        for await change in changes where change.concerns(instance) {
          await mailbox.change()
          starts.yield()
        }
        starts.finish()
      }
      group.addTask {
        await follow(into: mailbox)
        for await _ in again { await follow(into: mailbox) }
      }
    }
  }

  private func follow(into mailbox: Mailbox) async {
    do {
      let lines = try await hosting.log(
        of: instance.uuidString, source: source, tail: tail, follow: true, by: actor)
      await mailbox.reset()
      var looks = LogLooks()
      for try await line in lines { await mailbox.add(.init(look: looks.look(of: line), text: line.text)) }
    } catch is CancellationError {
      // The page is gone.
    } catch {
      let text = (error as? HostingError)?.description ?? "The log cannot be read now."
      await mailbox.add(.init(look: "error", text: text))
    }
  }
}
