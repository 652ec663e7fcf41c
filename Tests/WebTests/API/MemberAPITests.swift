import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import Client
@testable import Hosting
@testable import Web

@Suite struct MemberAPITests {
  @Test func `a person is invited, changed and removed, and each of it is in the audit log`() async throws {
    try await LiveAPI.connected { api, client in
      var grants = API.Grants()
      grants.actions = ["viewLogs"]
      let invited = try await client.send(
        .invite(.init(email: "ada@example.org", role: "viewer", grants: grants))
      ).value
      let link = try #require(invited.link)
      let token = try #require(URLComponents(string: link)?.queryItems?.first { $0.name == "token" }?.value)
      #expect(link.hasPrefix("http://127.0.0.1:"))
      let listed = try await client.send(.invitations)
      #expect(listed.value.items.map(\.email) == ["ada@example.org"])
      #expect(!String(decoding: listed.body, as: UTF8.self).contains(token))
      _ = try await api.hosting.acceptInvitation(
        token, password: "correct horse", address: "192.0.2.1", userAgent: "")
      let ada = try #require(try await client.send(.members).value.items.first { $0.role == "viewer" })
      #expect(ada.permissions == ["viewLogs"] && ada.grants == grants && !ada.hasSecondFactor)
      let changed = try await client.send(.changeMember(ada.id, .init(role: "developer"))).value
      #expect(changed.grants == grants && changed.permissions.contains("createInstances"))
      _ = try await client.send(.removeMember(ada.id))
      #expect(try await client.send(.members).value.items.map(\.role) == ["owner"])
      let entries = try await client.send(.audit(.init(action: "member"))).value.items
      #expect(entries.map(\.action) == ["member.remove", "member.change", "member.join", "member.invite"])
      #expect(entries[1].before == .object(["role": .text("viewer")]), "the grants stay")
      #expect(entries[0].door == "cli" || entries[0].door == "api")
      #expect(entries[0].address == "127.0.0.1")
    }
  }

  @Test func `a viewer leaves without knowing his id, and the last owner stays`() async throws {
    try await LiveAPI.connected { api, client in
      let last = await #expect(throws: API.Problem.self) { try await client.send(.leave) }
      #expect(last?.code == "conflict" && last?.title.contains("only owner") == true)
      let invitation = try await api.hosting.invite(
        "ada@example.org", as: .viewer, Grants(), by: api.owner)
      let ada = try await api.hosting.acceptInvitation(
        invitation.secret.reveal(), password: "correct horse", address: "192.0.2.1", userAgent: ""
      ).actor
      let token = try await api.hosting.createToken(name: "ci", expiresAt: nil, by: ada).secret.reveal()
      try await api.server.application.test(.router) { http in
        for expected in [HTTPResponse.Status.noContent, .unauthorized] {
          let answer = try await http.execute(
            uri: "/api/v1/members/me", method: .delete, headers: [.authorization: "Bearer \(token)"])
          #expect(answer.status == expected, "the token ends with the membership")
        }
      }
      #expect(try await client.send(.members).value.items.map(\.role) == ["owner"])
      let entry = try #require(
        try await client.send(.audit(.init(action: "member.remove"))).value.items.first)
      #expect(entry.subject == "ada@example.org" && entry.who == "ada@example.org")
    }
  }

  @Test func `a change keeps what it does not name, and null takes a list away`() async throws {
    try await LiveAPI.connected { api, client in
      var grants = API.Grants()
      grants.actions = ["viewLogs"]
      grants.instances = []
      let link = try #require(
        try await client.send(.invite(.init(email: "ada@example.org", role: "viewer", grants: grants))).value
          .link)
      let token = try #require(URLComponents(string: link)?.queryItems?.first { $0.name == "token" }?.value)
      let ada = try await api.hosting.acceptInvitation(
        token, password: "correct horse", address: "192.0.2.1", userAgent: ""
      ).actor.userID
      func change(_ body: String) async throws -> API.Grants {
        let call = API.Call<API.Member>(
          .patch, "members", ada.uuidString.lowercased(), body: Data(body.utf8))
        return try await client.send(call).value.grants
      }
      #expect(try await change(#"{"role": "developer"}"#) == grants)
      #expect(try await change(#"{"role": "tester", "grants": {}}"#) == grants)
      grants.actions = ["viewInstances"]
      #expect(
        try await change(#"{"role": "tester", "grants": {"actions": ["viewInstances"]}}"#) == grants)
      grants.instances = nil
      #expect(try await change(#"{"role": "tester", "grants": {"instances": null}}"#) == grants)
      grants.actions = nil
      grants.servers = []
      var lifting = API.GrantsChange()
      lifting.actions = .lifted
      lifting.servers = .only([])
      let changed = try await client.send(.changeMember(ada, .init(role: "tester", grants: lifting))).value
      #expect(changed.grants == grants)
      let problem = await #expect(throws: API.Problem.self) {
        _ = try await change(#"{"role": "owner", "grants": null}"#)
      }
      #expect(problem?.fields?.map(\.name) == ["grants"])
    }
  }

  @Test func `what is wrong with a wish is told by field`() async throws {
    try await LiveAPI.connected { _, client in
      var grants = API.Grants()
      grants.actions = ["manageServers"]
      let problem = await #expect(throws: API.Problem.self) {
        try await client.send(.invite(.init(email: "ada@example.org", role: "king", grants: grants)))
      }
      #expect(problem?.fields?.map(\.name) == ["role", "grants.actions"])
      let unknown = await #expect(throws: API.Problem.self) {
        try await client.send(.changeMember(UUID(), .init(role: "viewer")))
      }
      #expect(unknown?.code == "notFound")
    }
  }

  @Test func `the audit log comes in pages, by what is looked for`() async throws {
    try await LiveAPI.connected { _, client in
      for name in ["one", "two", "three"] { _ = try await client.send(.createToken(name: name)) }
      let page = try await client.send(.audit(.init(action: "token.create"), limit: 2)).value
      #expect(page.items.map(\.subject) == ["three", "two"])
      let next = try await client.send(
        .audit(.init(action: "token.create"), limit: 2, cursor: page.nextCursor)
      )
      .value
      #expect(next.items.first?.subject == "one")
      #expect(try await client.send(.audit(.init(search: "TWO"))).value.items.map(\.subject) == ["two"])
      #expect(
        try await client.send(.audit(.init(until: Date(timeIntervalSinceNow: -3600)))).value.items.isEmpty)
    }
  }
}
