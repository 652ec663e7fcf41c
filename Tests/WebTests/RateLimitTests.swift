import Client
import Foundation
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import Hosting
@testable import Web

@Suite struct RateLimitTests {
  /// A clock that goes only when it is told to.
  private final class Clock: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { instant.withLock { $0 } }

    func advance(_ duration: Duration) { instant.withLock { $0 += duration } }
  }

  @Test func `so many at once are let through, then so many a second, each counted for himself`() throws {
    let clock = Clock()
    let limit = RateLimit(RequestRate(atOnce: 3, perSecond: 0.5)) { clock.now }
    for _ in 0..<3 {
      try limit.check("ada")
      limit.count("ada")
    }
    let error = #expect(throws: HostingError.self) { try limit.check("ada") }
    #expect(error?.code == .tooMany && error?.retryAfter == .seconds(2))
    try limit.check("bob")
    clock.advance(.seconds(1))
    #expect(throws: HostingError.self) { try limit.check("ada") }
    clock.advance(.seconds(1))
    try limit.check("ada")
    limit.count("ada")
    #expect(throws: HostingError.self) { try limit.check("ada") }
    clock.advance(.seconds(1000))
    for _ in 0..<3 { limit.count("ada") }
    #expect(throws: HostingError.self) { try limit.check("ada") }
  }

  @Test func `a token that asks too much is told when it may ask again`() async throws {
    var configuration = WebConfiguration()
    configuration.tokenRequestsPerSecond = 0.2
    let identities = Identities(
      session: { _, _ in nil },
      token: { _, _ in
        var actor = SamplePeople.actor("owner", .owner)
        actor.token = TokenReference(
          id: UUID(uuidString: "00000000-0000-0000-0000-000000000001")!, expiresAt: nil)
        return actor
      })
    let server = try WebServer.sample(configuration: configuration, identities: identities)
    try await server.application.test(.router) { client in
      func ask() async throws -> TestResponse {
        try await client.execute(uri: "/api/mine", method: .get, headers: [.authorization: "Bearer x"])
      }
      for _ in 0..<2 {
        let answer = try await ask()
        #expect(answer.status == .ok)
      }
      let refused = try await ask()
      #expect(
        refused.status == .tooManyRequests
          && refused.headers[.retryAfter].flatMap(Int.init).map { $0 > 0 } == true)
      #expect(
        refused.headers[.contentType] == "application/problem+json"
          && refused.text.contains(#""code":"tooMany""#))
    }
  }

  @Test func `an address that guesses tokens is refused before they are looked up, also one that is right`()
    async throws
  {
    try await WebServer.sample().application.test(.router) { client in
      func ask(_ token: String) async throws -> Int {
        try await client.execute(uri: "/api/mine", method: .get, headers: [.authorization: "Bearer \(token)"])
        {
          $0.status.code
        }
      }
      var told: [Int] = []
      var own = 200
      // More than thirty, and more than once, on a machine so slow that some are forgiven meanwhile.
      while own == 200, told.count < 1_000 {
        repeat {
          told.append(try await ask("guess \(told.count)"))
        } while told.last != 429 && told.count < 1_000
        own = try await ask("owner")
      }
      #expect(told.prefix(30) == Array(repeating: 401, count: 30)[...])
      #expect(own == 429)
    }
  }
}
