import Client
import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import Hosting
@testable import Web

/// The same request with the same `Idempotency-Key` makes one thing, whatever it makes.
@Suite struct IdempotencyTests {
  struct Wish: Sendable, CustomTestStringConvertible {
    var path: String
    var table: String
    var body: String
    /// The body of another wish.
    var other: String
    /// What is said once only.
    var secret: String?
    /// The request that takes it away again, where there is one.
    var removal: String?

    var testDescription: String { path }
  }

  static let wishes = [
    Wish(
      path: "/tokens", table: "api_tokens", body: #"{"name": "ci"}"#,
      other: #"{"name": "cd"}"#, secret: "secret", removal: "/tokens/"),
    Wish(
      path: "/invitations", table: "invitations", body: #"{"email": "ada@example.org", "role": "viewer"}"#,
      other: #"{"email": "ada@example.org", "role": "admin"}"#,
      secret: "link", removal: "/invitations/"),
    Wish(
      path: "/installation/organisations", table: "organisations", body: #"{"slug": "globex"}"#,
      other: #"{"slug": "globex", "name": "Globex"}"#),
  ]

  private func ask(
    _ client: any TestClientProtocol, _ api: LiveAPI, _ method: HTTPRequest.Method, _ path: String,
    _ body: String? = nil, key: String? = nil, token: String? = nil
  ) async throws -> TestResponse {
    var headers: HTTPFields = [
      .authorization: "Bearer \(token ?? api.token)", .contentType: "application/json",
    ]
    headers[.idempotencyKey] = key
    return try await client.execute(
      uri: "/api/v1" + path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
  }

  private func members(_ answer: TestResponse) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(buffer: answer.body)) as? [String: Any])
  }

  private func count(_ table: String, _ api: LiveAPI) async throws -> Int {
    switch table {
    case "api_tokens": try await api.hosting.database.query("select count(*) from api_tokens")[0].get(at: 0)
    case "invitations": try await api.hosting.database.query("select count(*) from invitations")[0].get(at: 0)
    default: try await api.hosting.database.query("select count(*) from organisations")[0].get(at: 0)
    }
  }

  @Test(arguments: wishes)
  func `what is repeated makes a second one, or says its secret again`(wish: Wish) async throws {
    try await LiveAPI.run { api in
      try await api.server.application.test(.router) { client in
        let before = try await count(wish.table, api)
        let first = try await ask(client, api, .post, wish.path, wish.body, key: "k1")
        let second = try await ask(client, api, .post, wish.path, wish.body, key: "k1")
        #expect(first.status.code == 201 && second.status.code == 201, "\(String(buffer: second.body))")
        #expect(try members(first)["id"] as? String == members(second)["id"] as? String)
        #expect(try await count(wish.table, api) == before + 1)
        if let secret = wish.secret {
          #expect(try members(first)[secret] != nil)
          #expect(try members(second)[secret] == nil, "a secret is said twice")
        }
        let long = try await ask(
          client, api, .post, wish.path, wish.body, key: String(repeating: "k", count: 201))
        #expect(long.status.code == 422)
        guard let removal = wish.removal, let id = try members(first)["id"] as? String else { return }
        #expect(try await ask(client, api, .delete, removal + id).status.code == 204)
        let third = try await ask(client, api, .post, wish.path, wish.body, key: "k1")
        #expect(third.status.code == 409 && String(buffer: third.body).contains("Idempotency-Key"))
        #expect(try await ask(client, api, .post, wish.path, wish.body, key: "k2").status.code == 201)
      }
    }
  }

  @Test(arguments: wishes)
  func `another wish under the same key is granted, or taken for the first one`(wish: Wish) async throws {
    try await LiveAPI.run { api in
      try await api.server.application.test(.router) { client in
        #expect(try await ask(client, api, .post, wish.path, wish.body, key: "k").status.code == 201)
        let before = try await count(wish.table, api)
        let other = try await ask(client, api, .post, wish.path, wish.other, key: "k")
        #expect(other.status.code == 422 && String(buffer: other.body).contains("Idempotency-Key"))
        #expect(try await count(wish.table, api) == before)
        // The same wish, written otherwise.
        let spaced = wish.body.replacing(":", with: " : ")
        #expect(try await ask(client, api, .post, wish.path, spaced, key: "k").status.code == 201)
      }
    }
  }

  @Test(arguments: wishes)
  func `of the same request at the same time one makes something`(wish: Wish) async throws {
    try await LiveAPI.run { api in
      try await api.server.application.test(.router) { client in
        let before = try await count(wish.table, api)
        let ids = try await withThrowingTaskGroup(of: String?.self) { group in
          for _ in 0..<6 {
            group.addTask {
              let answer = try await ask(client, api, .post, wish.path, wish.body, key: "k")
              #expect(answer.status.code == 201, "\(String(buffer: answer.body))")
              return try members(answer)["id"] as? String
            }
          }
          var ids: Set<String?> = []
          for try await id in group { ids.insert(id) }
          return ids
        }
        #expect(ids.count == 1 && !ids.contains(nil))
        #expect(try await count(wish.table, api) == before + 1)
      }
    }
  }

  @Test func `a key of somebody else, or for another kind of thing, is another key`() async throws {
    try await LiveAPI.run { api in
      let other = try await api.token(for: .owner)
      try await api.server.application.test(.router) { client in
        let before = try await count("api_tokens", api)
        for token in [api.token, other] {
          let answer = try await ask(
            client, api, .post, "/tokens", #"{"name": "ci"}"#, key: "k", token: token)
          #expect(try members(answer)["secret"] != nil)
        }
        #expect(try await count("api_tokens", api) == before + 2)
        let invited = try await ask(
          client, api, .post, "/invitations", #"{"email": "ada@example.org", "role": "viewer"}"#, key: "k")
        #expect(invited.status.code == 201)
        let refused = try await ask(
          client, api, .post, "/invitations", #"{"email": "none", "role": "viewer"}"#, key: "r")
        #expect(refused.status.code == 422)
        let mended = try await ask(
          client, api, .post, "/invitations", #"{"email": "bob@example.org", "role": "viewer"}"#, key: "r")
        #expect(mended.status.code == 201, "a request that was refused uses its key up")
      }
    }
  }
}
