import Client
import Foundation
import Testing

@testable import Hosting
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

  @Test func `the second factor and sessions are managed by programs too`() async throws {
    try await LiveAPI.connected { api, client in
      let link = try await api.hosting.makeSignInLink(
        for: Hosting.firstEmail, purpose: .setPassword, lifetime: .seconds(60))
      _ = try await api.hosting.useSignInLink(
        link.reveal(), newPassword: "correct horse", address: "192.0.2.7", userAgent: "Firefox/1")
      #expect(try await client.send(.secondFactor).value == .init(isOn: false, recoveryCodes: 0))
      let wrong = await #expect(throws: API.Problem.self) {
        try await client.send(.beginSecondFactor(password: "guess"))
      }
      #expect(wrong?.fields?.map(\.name) == ["password"])
      let new = try await client.send(.beginSecondFactor(password: "correct horse")).value
      #expect(new.address.hasPrefix("otpauth://totp/"))
      let secret = try await api.hosting.database.query(
        "select totp_secret, id from people where totp_secret is not null")[0]
      let sealed = try api.hosting.masterKey.open(
        try secret.get("totp_secret"), in: .secondFactor, of: try secret.get("id"))
      let password = OneTimePassword(secret: try #require(Data(base64Encoded: sealed.reveal())))
      let codes = try await client.send(
        .confirmSecondFactor(code: password.code(at: OneTimePassword.step(at: Date())))
      ).value.recoveryCodes
      #expect(codes.count == 10)
      #expect(try await client.send(.secondFactor).value == .init(isOn: true, recoveryCodes: 10))
      let renewed = try await client.send(.renewRecoveryCodes(password: "correct horse")).value.recoveryCodes
      #expect(Set(renewed).isDisjoint(with: codes))
      _ = try await client.send(.turnSecondFactorOff(password: "correct horse"))
      #expect(try await !client.send(.secondFactor).value.isOn)

      let sessions = try await client.send(.sessions).value.items
      #expect(sessions.contains { $0.address == "192.0.2.7" && $0.userAgent == "Firefox/1" && !$0.isPresent })
      _ = try await client.send(.endSession(try #require(sessions.first).id))
      #expect(try await client.send(.endOtherSessions).value.ended == sessions.count - 1)
      #expect(try await client.send(.sessions).value.items.isEmpty)
    }
  }

  @Test func `the password is changed by programs too`() async throws {
    try await LiveAPI.connected { api, client in
      let link = try await api.hosting.makeSignInLink(
        for: Hosting.firstEmail, purpose: .setPassword, lifetime: .seconds(60))
      let session = try await api.hosting.useSignInLink(
        link.reveal(), newPassword: "correct horse", address: "192.0.2.7", userAgent: "Firefox/1")
      for (present, new, field) in [
        ("guess", "another horse", "password"), ("correct horse", "short", "newPassword"),
      ] {
        let refused = await #expect(throws: API.Problem.self) {
          try await client.send(.changePassword(present, to: new))
        }
        #expect(refused?.code == "invalid" && refused?.fields?.map(\.name) == [field])
      }
      let narrow = Client.BearerToken(
        try #require(try await client.send(.createToken(name: "ci", scopes: ["read"])).value.secret))
      try await OdeumClient.connected(to: client.address, token: narrow, userAgent: "odeum/test") { narrow in
        let refused = await #expect(throws: API.Problem.self) {
          try await narrow.send(.changePassword("correct horse", to: "another horse"))
        }
        #expect(refused?.code == "forbidden")
      }
      #expect(try await api.hosting.actor(session: session.token.reveal()) != nil)
      _ = try await client.send(.changePassword("correct horse", to: "another horse"))
      #expect(try await api.hosting.actor(session: session.token.reveal()) == nil)
      _ = try await api.hosting.signIn(
        email: Hosting.firstEmail, password: "another horse", address: "192.0.2.7", userAgent: "")
    }
  }

  @Test func `a token with scopes says so, and is refused beyond them`() async throws {
    try await LiveAPI.connected { api, client in
      let made = try await client.send(.createToken(name: "ci", scopes: ["read"])).value
      #expect(made.scopes == ["viewAudit", "viewInstances", "viewLogs", "viewServers"])
      let token = Client.BearerToken(try #require(made.secret))
      try await OdeumClient.connected(to: client.address, token: token, userAgent: "odeum/test") { narrow in
        #expect(try await narrow.send(.account).value.permissions == made.scopes)
        #expect(try await narrow.send(.account).value.isOperator == false)
        _ = try await narrow.send(.instances())
        let refused = await #expect(throws: API.Problem.self) { try await narrow.send(.members) }
        #expect(refused?.code == "forbidden" && refused?.title.contains("This token") == true)
      }
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
