import Client
import Foundation
import Hummingbird
import Logging

@testable import Hosting
@testable import Web

/// A door with a few routes of every kind, for tests of what all doors share.
struct SampleDoor: Door {
  struct Note: Codable, Equatable {
    var text: String
    var count: Int?
    var inner: Inner?

    struct Inner: Codable, Equatable {
      var flag: Bool
    }
  }

  struct Surprise: Error {
    let secret = "the inside of the house"
  }

  var root = "/api"
  var elsewhere = "Look at the notes."
  var events = AsyncStream<OutgoingEvent> { $0.finish() }
  var heartbeat = Duration.seconds(60)
  var addsUndeclaredRoute = false

  func addRoutes(to routes: Routes) {
    if addsUndeclaredRoute { routes.router.get("/api/back-door") { _, _ in Response.text("in") } }
    let routes = routes.under("/api")
    routes.get("/open", .open) { _, _ in .text("open") }
    routes.post("/open", .open) { _, _ in .text("posted") }
    routes.get("/mine", .signedIn) { _, context in
      let actor = try context.actor
      return .text("\(actor.email) by \(actor.door.rawValue)")
    }
    routes.post("/things/{name}", .permission(.removeInstances)) { _, context in
      .text(try context.parameter("name"))
    }
    routes.post("/notes", .signedIn) { request, context in
      try .json(try await request.json(as: Note.self, context))
    }
    routes.get("/surprise", .open) { _, _ in throw Surprise() }
    routes.get("/secrets/{token}", .open) { _, _ in .text("told") }
    routes.get("/busy", .open) { _, _ in
      throw HostingError(
        .unavailable, "Docker does not answer.", suggestion: "Start it.", retryAfter: .seconds(7))
    }
    routes.get("/events", .signedIn) { request, context in
      EventStreamAnswer(events: events, request: request, context: context, heartbeat: heartbeat).response
    }
  }

  func answer(to problem: API.Problem, _ request: Request, _ context: WebContext) async throws -> Response {
    try APIDoor.problem(problem)
  }
}

/// Two people who are known: `owner` and `viewer`, by sessions and tokens of these names.
struct SamplePeople: Sendable {
  static func actor(_ name: String, _ role: Role) -> Actor {
    Actor(
      userID: UUID(), email: "\(name)@example.com", organisationID: UUID(), organisationSlug: "acme",
      role: role,
      isOperator: false, door: .console)
  }

  let owner = Self.actor("owner", .owner)
  let viewer = Self.actor("viewer", .viewer)

  var identities: Identities {
    let people = ["owner": owner, "viewer": viewer]
    return Identities(session: { token, _ in people[token] }, token: { secret, _ in people[secret] })
  }
}

extension WebServer {
  /// A server with the sample door.
  static func sample(
    _ door: SampleDoor = SampleDoor(), configuration: WebConfiguration = WebConfiguration(),
    identities: Identities = SamplePeople().identities,
    logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
  ) throws -> WebServer {
    try WebServer(
      doors: [door], admission: Admission(identities: identities, configuration: configuration),
      health: Health { Readiness(isReady: false, reason: "starting") },
      configuration: configuration, logger: logger)
  }
}
