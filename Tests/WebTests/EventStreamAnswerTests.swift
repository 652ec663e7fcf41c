import Client
import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Logging
import Synchronization
import Testing

@testable import Web

@Suite struct EventStreamAnswerTests {
  @Test func `data of several lines comes out as it went in`() {
    #expect(
      OutgoingEvent(id: "3", name: "panel", data: "<p>\r\na\n</p>").frame
        == "id: 3\nevent: panel\ndata: <p>\ndata: a\ndata: </p>\n\n")
    #expect(OutgoingEvent.end.frame == "event: end\ndata: {}\n\n")
  }

  private func listen(_ server: WebServer, _ body: @escaping @Sendable (String) async throws -> Void)
    async throws
  {
    try await server.application.test(.ahc(.http)) { client in
      let response = try await client.execute(
        uri: "/api/events", method: .get, headers: [.authorization: "Bearer owner"])
      #expect(response.status == .ok)
      #expect(response.headers[.contentType] == "text/event-stream")
      #expect(response.headers[.accelBuffering] == "no")
      try await body(String(buffer: response.body))
    }
  }

  @Test func `a stream brings its events in order and ends with them`() async throws {
    let (events, event) = AsyncStream<OutgoingEvent>.makeStream()
    for number in 1...500 { event.yield(OutgoingEvent(id: "\(number)", name: "log", data: "\(number)")) }
    event.yield(.end)
    event.finish()
    try await listen(WebServer.sample(SampleDoor(events: events))) { body in
      var expected = (1...500).map { "id: \($0)\nevent: log\ndata: \($0)\n\n" }.joined()
      expected += "event: end\ndata: {}\n\n"
      #expect(body == expected)
    }
  }

  @Test func `a stream without events shows that it lives, and ends when its visitor is signed out`()
    async throws
  {
    let people = SamplePeople()
    let asked = Mutex(0)
    var identities = people.identities
    identities.token = { [owner = people.owner] _, _ in
      asked.withLock {
        $0 += 1; return $0
      } <= 3 ? owner : nil
    }
    let (events, event) = AsyncStream<OutgoingEvent>.makeStream()
    defer { event.finish() }
    let server = try WebServer.sample(
      SampleDoor(events: events, heartbeat: .milliseconds(5)), identities: identities)
    try await listen(server) { #expect($0 == ": still here\n\n: still here\n\n") }
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: ["role", "actions", "instances", "servers", "scopes", "operator"])
  func `a stream ends when its visitor may do or reach something else than when it began`(what: String)
    async throws
  {
    let people = SamplePeople()
    var changed = people.owner
    switch what {
    case "role": changed.role = .admin
    case "actions": changed.grants.actions = [.viewLogs]
    case "instances": changed.grants.instances = [UUID()]
    case "servers": changed.grants.servers = []
    case "operator": changed.isOperator = true
    default: changed.scopes = [.viewLogs]
    }
    let asked = Mutex(0)
    var identities = people.identities
    identities.token = { [owner = people.owner, changed] _, _ in
      asked.withLock {
        $0 += 1; return $0
      } <= 3 ? owner : changed
    }
    let (events, event) = AsyncStream<OutgoingEvent>.makeStream()
    defer { event.finish() }
    let server = try WebServer.sample(
      SampleDoor(events: events, heartbeat: .milliseconds(5)), identities: identities)
    try await listen(server) { #expect($0 == ": still here\n\n: still here\n\n") }
  }
}
