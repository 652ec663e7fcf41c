import Client
import Hosting
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct AccessTests {
  private func status(
    _ uri: String, _ method: HTTPRequest.Method = .get, _ headers: HTTPFields = [:],
    configuration: WebConfiguration = WebConfiguration()
  ) async throws -> Int {
    try await WebServer.sample(configuration: configuration).application.test(.router) {
      try await $0.execute(uri: uri, method: method, headers: headers) { $0.status.code }
    }
  }

  private func text(_ uri: String, _ headers: HTTPFields) async throws -> String {
    try await WebServer.sample().application.test(.router) {
      try await $0.execute(uri: uri, method: .get, headers: headers) { String(buffer: $0.body) }
    }
  }

  @Test func `a route that declares no access stops the server from starting`() {
    let error = #expect(throws: UndeclaredRoute.self) {
      try WebServer.sample(SampleDoor(addsUndeclaredRoute: true))
    }
    #expect(error == UndeclaredRoute(method: "GET", path: "/api/back-door"))
  }

  @Test func `an open route answers anybody, any other route nobody`() async throws {
    #expect(try await status("/api/open") == 200)
    #expect(try await status("/api/mine") == 401)
    #expect(try await status("/api/things/x", .post) == 401)
    #expect(try await status("/api/events") == 401)
  }

  @Test(arguments: ["Bearer nobody", "Bearer ", "Bearer", "Basic b3duZXI=", "owner", "Bearer owner x"])
  func `a wrong token is refused, also with a good session beside it`(authorization: String) async throws {
    #expect(try await status("/api/mine", .get, [.authorization: authorization]) == 401)
    #expect(
      try await status("/api/mine", .get, [.authorization: authorization, .cookie: "odeum=owner"]) == 401)
  }

  @Test func `a role without the permission is refused, one with it is not`() async throws {
    #expect(try await status("/api/things/x", .post, [.authorization: "Bearer viewer"]) == 403)
    #expect(try await status("/api/things/x", .post, [.authorization: "Bearer owner"]) == 200)
  }

  @Test func `the door is told by who asks`() async throws {
    #expect(try await text("/api/mine", [.cookie: "odeum=owner"]) == "owner@example.com by console")
    #expect(try await text("/api/mine", [.authorization: "Bearer owner"]) == "owner@example.com by api")
    #expect(
      try await text("/api/mine", [.authorization: "bearer owner", .userAgent: "odeum/1.0"])
        == "owner@example.com by cli")
  }

  @Test(arguments: ["cross-site", "same-site", "nonsense"])
  func `a change that another site makes the browser ask for is refused`(site: String) async throws {
    let cookie: HTTPFields = [.cookie: "odeum=owner", .secFetchSite: site]
    #expect(try await status("/api/things/x", .post, cookie) == 403)
    #expect(try await status("/api/open", .post, [.secFetchSite: site]) == 403)
    #expect(try await status("/api/mine", .get, cookie) == 200)
  }

  @Test func `a change with a cookie that does not say who made it is refused`() async throws {
    #expect(try await status("/api/things/x", .post, [.cookie: "odeum=owner"]) == 403)
    #expect(try await status("/api/things/x", .post, [.cookie: "odeum=owner", .origin: "null"]) == 403)
  }

  @Test(arguments: [
    ("http://localhost", 200), ("http://localhost:81", 403), ("http://evil.example", 403),
    ("http://localhost.evil.example", 403), ("https://odeum.example.com", 200),
    ("http://odeum.example.com", 403),
    ("https://odeum.example.com:444", 403),
  ])
  func `without Sec-Fetch-Site the origin decides`(origin: String, expected: Int) async throws {
    var configuration = WebConfiguration()
    configuration.publicURL = .init(string: "https://odeum.example.com")
    let headers: HTTPFields = [.cookie: "__Host-odeum=owner", .origin: origin]
    #expect(try await status("/api/things/x", .post, headers, configuration: configuration) == expected)
  }

  @Test func `over TLS only the cookie that is bound to the host counts`() async throws {
    var configuration = WebConfiguration()
    configuration.publicURL = .init(string: "https://odeum.example.com")
    #expect(
      try await status("/api/mine", .get, [.cookie: "odeum=owner"], configuration: configuration) == 401)
    #expect(
      try await status("/api/mine", .get, [.cookie: "__Host-odeum=owner"], configuration: configuration)
        == 200)
  }

  @Test func `the session's cookie cannot be read by scripts, and travels over TLS only where there is TLS`()
  {
    let plain = SessionCookie(secure: false).keeping("t", until: .distantFuture)
    #expect(
      plain.httpOnly && !plain.secure && plain.sameSite == .lax && plain.path == "/" && plain.name == "odeum")
    let secure = SessionCookie(secure: true).keeping("t", until: .distantFuture)
    #expect(secure.httpOnly && secure.secure && secure.domain == nil && secure.name == "__Host-odeum")
    #expect(SessionCookie(secure: true).gone().maxAge == 0)
  }
}
