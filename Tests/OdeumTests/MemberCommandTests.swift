import Client
import Testing

@testable import odeum

@Suite struct MemberCommandTests {
  private func change(_ words: [String]) async throws -> API.GrantsChange? {
    // No name is looked up: nothing is asked there.
    try await OdeumClient.connected(
      to: try ServerAddress("http://127.0.0.1:1"), token: nil, userAgent: "odeum/test"
    ) { try await GrantOptions.parse(words).change($0) }
  }

  @Test func `leaving asks first, and whom it is about is no argument of it`() throws {
    let asking = try Odeum.parseAsRoot(["member", "leave"]) as? Leave
    let unasked = try Odeum.parseAsRoot(["member", "leave", "--yes"]) as? Leave
    #expect(asking?.yes == false && unasked?.yes == true)
    #expect(throws: (any Error).self) { try Odeum.parseAsRoot(["member", "leave", "ada@example.org"]) }
  }

  @Test func `what is not typed is not changed, and a word lifts each list`() async throws {
    #expect(try await change([]) == nil)
    var actions = API.GrantsChange()
    actions.actions = .only(["viewLogs", "useIDE"])
    #expect(try await change(["--actions", "viewLogs, useIDE"]) == actions)
    var lifted = API.GrantsChange()
    lifted.actions = .lifted
    lifted.instances = .lifted
    lifted.servers = .lifted
    #expect(
      try await change(["--actions", "role", "--instances", "all", "--servers", "all"]) == lifted)
    var none = API.GrantsChange()
    none.instances = .only([])
    #expect(try await change(["--instances", ""]) == none)
  }
}
