import Client
import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Logging
import NIOEmbedded
import Synchronization
import Testing

@testable import Web

@Suite struct ErrorAnswerTests {
  private func ask(
    _ uri: String, _ method: HTTPRequest.Method = .get, _ headers: HTTPFields = [:], body: String? = nil,
    log: LogLines = LogLines()
  ) async throws -> (response: TestResponse, problem: API.Problem) {
    let logger = Logger(label: "test") { _ in LineHandler(lines: log) }
    return try await WebServer.sample(logger: logger).application.test(.router) {
      let response = try await $0.execute(
        uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
      return (response, try API.decoder().decode(API.Problem.self, from: Data(buffer: response.body)))
    }
  }

  private func post(_ body: String, type: String = "application/json") async throws -> API.Problem {
    try await ask(
      "/api/notes", .post, [.authorization: "Bearer owner", .contentType: type], body: body
    ).problem
  }

  @Test func `an address that does not exist is a problem of its own`() async throws {
    let (response, problem) = try await ask("/api/nothing")
    #expect(response.status == .notFound)
    #expect(response.headers[.contentType] == "application/problem+json")
    #expect(problem.code == "notFound" && problem.status == 404)
    #expect(problem.suggestion == "Look at the notes.", "in the words of the door that was asked")
  }

  @Test func `a method that an address does not take is told with those that it takes`() async throws {
    let (response, problem) = try await ask("/api/open", .delete)
    #expect(response.status.code == 405)
    #expect(response.headers[.allow] == "GET, POST")
    #expect(problem.suggestion == "It takes GET, POST.")
  }

  @Test func `an unforeseen error is a number outside and everything in the log`() async throws {
    let log = LogLines()
    let (response, problem) = try await ask("/api/surprise", log: log)
    #expect(response.status == .internalServerError)
    let incident = try #require(problem.incident)
    #expect(response.headers[.requestID] == incident)
    #expect(problem.title.contains(incident))
    #expect(!String(buffer: response.body).contains("inside of the house"))
    #expect(log.text.contains { $0.contains("inside of the house") && $0.contains(incident) })
  }

  @Test func `something that is away says when to come back`() async throws {
    let (response, problem) = try await ask("/api/busy")
    #expect(response.status == .serviceUnavailable)
    #expect(response.headers[.retryAfter] == "7")
    #expect(
      problem
        == API.Problem(
          status: 503, code: "unavailable", title: "Docker does not answer.", suggestion: "Start it."))
  }

  @Test func `who is not signed in is told how to be`() async throws {
    let (response, problem) = try await ask("/api/mine")
    #expect(response.headers[.wwwAuthenticate] == #"Bearer realm="odeum""#)
    #expect(problem.code == "unauthenticated")
    #expect(problem.suggestion?.contains("Authorization: Bearer") == true)
  }

  @Test(arguments: [
    (#"{"text":"a""#, 400, nil, "no valid JSON"), ("", 400, nil, "no valid JSON"),
    ("[]", 422, nil, "must be a JSON object"), ("{}", 422, "text", "“text” is missing."),
    (#"{"text":1}"#, 422, "text", "must be a text"), (#"{"text":null}"#, 422, "text", "not null"),
    (#"{"text":"a","count":"1"}"#, 422, "count", "must be a number"),
    (#"{"text":"a","count":1.5}"#, 422, nil, "has decimals"),
    (#"{"text":"a","inner":{"flag":3}}"#, 422, "inner.flag", "must be true or false"),
    (#"{"text":"a","inner":{"flag":true,"flog":1}}"#, 422, "inner.flog", "mistyped"),
    (#"{"text":"a","cuont":1}"#, 422, "cuont", "mistyped"),
    (#"{"text":"a","count":null}"#, 422, "count", "must not be null"),
    (#"{"text":"a","inner":null}"#, 422, "inner", "must not be null"),
    (#"{"text":"a","flog":null}"#, 422, "flog", "must not be null"),
  ])
  func `a body that is wrong is refused with its field`(
    body: String, status: Int, field: String?, text: String
  ) async throws {
    let problem = try await post(body)
    #expect(problem.status == status)
    #expect(problem.code == "invalid")
    #expect(problem.fields?.map(\.name) == field.map { [$0] })
    #expect(problem.title.contains(text), "\(problem.title)")
  }

  @Test func `a body that does not say that it is JSON is refused`() async throws {
    let problem = try await post(#"{"text":"a"}"#, type: "text/plain")
    #expect(problem.status == 415)
  }

  @Test func `a body above 1 MiB is refused, whether it says its length or not`() async throws {
    let large = #"{"text":""# + String(repeating: "a", count: 1 << 20) + #""}"#
    #expect(try await post(large).status == 413)
    let request = Request(
      head: .init(
        method: .post, scheme: nil, authority: nil, path: "/",
        headerFields: [.contentType: "application/json"]),
      body: .init(buffer: ByteBuffer(string: large)))
    let context = WebContext(source: .init(channel: EmbeddedChannel(), logger: Logger(label: "test")))
    await #expect(throws: (any Error).self) { try await request.json(as: SampleDoor.Note.self, context) }
  }

  @Test func `a path that holds a secret is logged as its pattern, and no query ever`() async throws {
    let log = LogLines()
    let logger = Logger(label: "test") { _ in LineHandler(lines: log) }
    try await WebServer.sample(logger: logger).application.test(.router) {
      _ = try await $0.execute(uri: "/api/secrets/s3cret?q=s3cret", method: .get)
      _ = try await $0.execute(uri: "/api/open?q=s3cret", method: .get)
    }
    #expect(log.text.contains { $0.contains("path=/api/secrets/{token}") && $0.contains("status=200") })
    #expect(log.text.contains { $0.contains("path=/api/open") })
    #expect(!log.text.contains { $0.contains("s3cret") })
  }
}

/// What was logged.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])
  var text: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }
}

struct LineHandler: LogHandler {
  let lines: LogLines
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.debug

  init(lines: LogLines) { self.lines = lines }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    lines.add("\(event.message) " + all.map { "\($0)=\($1)" }.sorted().joined(separator: " "))
  }
}
