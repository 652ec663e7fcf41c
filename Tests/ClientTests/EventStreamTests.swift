import Foundation
import Testing

@testable import Client

@Suite struct EventStreamTests {
  private let id = UUID()

  private func line(_ number: Int) -> String {
    #"{"number":\#(number),"time":"2026-01-31T12:00:00.000Z","level":"info","text":"line \#(number)"}"#
  }

  private func event(_ number: Int) -> String { "id: \(number)\nevent: log\ndata: \(line(number))\n\n" }

  private func follow(_ port: Int, after: Int = 0) async throws -> [Int] {
    var patience = OdeumClient.Patience()
    patience.pause = .milliseconds(1)
    return try await OdeumClient.connected(
      to: try ServerAddress("http://127.0.0.1:\(port)"), token: nil, userAgent: "odeum/test",
      patience: patience
    ) { client in
      var numbers: [Int] = []
      for try await event in client.follow(job: id, after: after) {
        if case .log(let line) = event { numbers.append(line.number) }
      }
      return numbers
    }
  }

  @Test func `a stream that is cut goes on behind the last whole event, with nothing lost or twice`()
    async throws
  {
    try await ScriptedServer.answering([
      stream(event(1) + event(2) + "id: 3\nevent: log\ndata: {\"num"), stream(""),
      stream(": still here\n\n" + event(3) + event(4) + "event: end\ndata: {}\n\n" + event(5)),
    ]) { server in
      let numbers = try await follow(server.port)
      #expect(numbers == [1, 2, 3, 4])
      #expect(server.requests.count == 3)
      #expect(!server.requests[0].contains("Last-Event-ID"))
      #expect(server.requests[1].contains("Last-Event-ID: 2\r\n"))
      #expect(server.requests[2].contains("Last-Event-ID: 2\r\n"))
    }
  }

  @Test func `following begins behind the line that is known already`() async throws {
    try await ScriptedServer.answering([stream("event: end\ndata: {}\n\n")]) { server in
      let numbers = try await follow(server.port, after: 12)
      #expect(numbers.isEmpty)
      #expect(server.requests[0].contains("Last-Event-ID: 12\r\n"))
    }
  }

  @Test func `a refusal ends the stream at once`() async throws {
    let problem = #"{"status":404,"code":"notFound","title":"There is no job."}"#
    try await ScriptedServer.answering([
      answer("404 Not Found", type: "application/problem+json", body: problem)
    ]) {
      server in
      let error = await #expect(throws: API.Problem.self) { try await follow(server.port) }
      #expect(error?.code == "notFound")
    }
  }

  @Test func `a server that never answered is not waited for`() async throws {
    try await ScriptedServer.answering(["", stream(event(1) + "event: end\ndata: {}\n\n")]) { server in
      await #expect(throws: ClientError.self) { try await follow(server.port) }
      #expect(server.requests.count == 1)
    }
  }

  @Test func `an event that cannot be read is an error and not left out`() async throws {
    try await ScriptedServer.answering([stream("event: job\ndata: {}\n\n")]) { server in
      let error = await #expect(throws: ClientError.self) { try await follow(server.port) }
      #expect(error?.kind == .foreign)
    }
  }
}
