import Client
import Foundation
import Testing

@testable import Web

@Suite struct TokenAPITests {
  @Test func `a token is made with its secret, listed without, and revoked`() async throws {
    try await LiveAPI.connected { _, client in
      let made = try await client.send(.createToken(name: "ci")).value
      let secret = try #require(made.secret)
      let listed = try await client.send(.tokens)
      #expect(Set(listed.value.items.map(\.name)) == ["ci", "test"])
      #expect(!String(decoding: listed.body, as: UTF8.self).contains(secret))
      _ = try await client.send(.revokeToken(made.id))
      let problem = await #expect(throws: API.Problem.self) { try await client.send(.revokeToken(made.id)) }
      #expect(problem?.code == "notFound")
    }
  }

  @Test func `the account says who asks`() async throws {
    try await LiveAPI.connected { _, client in
      let account = try await client.send(.account).value
      #expect(account.email == "admin@localhost" && account.role == "owner" && account.isOperator)
      #expect(try await client.send(.servers).value.items.map(\.name) == ["local"])
    }
  }
}
