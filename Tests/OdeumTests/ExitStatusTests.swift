import Client
import Testing

@testable import odeum

@Suite struct ExitStatusTests {
  @Test(arguments: [
    ("notFound", 3), ("conflict", 4), ("invalid", 5), ("unauthenticated", 6), ("forbidden", 6),
    ("unavailable", 7),
    ("internal", 1), ("of a later release", 1),
  ])
  func `each code of the API has its status`(code: String, status: Int32) {
    let failure = CommandFailure(API.Problem(status: 0, code: code, title: "x"))
    #expect(failure.status.rawValue == status)
  }

  @Test func `a failure is one line with what happened, its fields, and one with what to do`() {
    let problem = API.Problem(
      status: 422, code: "invalid", title: "2 fields are not right.", suggestion: "Mend them.",
      fields: [
        .init(name: "name", message: "Too long."), .init(name: "version", message: "2 fields are not right."),
      ])
    #expect(
      CommandFailure(problem).lines(.plain)
        == ["odeum: 2 fields are not right.", "  name: Too long.", "Next: Mend them."])
  }

  @Test func `where the API advises its document, the command advises its own help`() throws {
    let problem = API.Problem(
      status: 422, code: "invalid", title: "“status” must be one of: running, failed.",
      suggestion: "GET /api/v1/openapi.yaml lists every parameter.")
    let words = try #require(Odeum.words(for: ListInstances.self))
    #expect(
      CommandFailure(problem, in: words).lines(.plain)
        == [
          "odeum: “status” must be one of: running, failed.", "Next: odeum instance list --help",
        ])
    var other = problem
    other.suggestion = nil
    #expect(CommandFailure(other, in: words).next == "odeum instance list --help")
    other.suggestion = "Mend them."
    #expect(CommandFailure(other, in: words).next == "Mend them.")
    other = API.Problem(status: 404, code: "notFound", title: "No.")
    #expect(CommandFailure(other, in: words).next == nil)
  }

  @Test func `who is not signed in is told the command`() {
    let problem = API.Problem(
      status: 401, code: "unauthenticated", title: "No.", suggestion: "Send a header.")
    #expect(CommandFailure(problem).next == "odeum login URL")
  }

  @Test func `a server that is away, an address that is none and Ctrl-C are told apart`() {
    let away = ClientError(kind: .unreachable, message: "m", suggestion: "s")
    #expect(CommandFailure(away).status == .unavailable)
    #expect(CommandFailure(ClientError(kind: .badAddress, message: "m", suggestion: "s")).status == .usage)
    #expect(CommandFailure(Interrupted()).status == .interrupted)
    #expect((away.advising("x", for: .notFound) as? ClientError) == away)
    #expect((away.advising("x", for: .unavailable) as? CommandFailure)?.next == "x")
  }

  @Test(arguments: [
    (["--help"], odeum.ExitStatus.done), (["version"], .done), (["--version"], .done),
    (["instance", "create", "--help"], .done),
    (["nonsense"], .usage), (["instance", "list", "--bogus"], .usage), (["instance", "show"], .usage),
    (["instance", "create", "x", "--workers", "many"], .usage),
  ])
  func `arguments that cannot be right end with the status for usage`(
    arguments: [String], status: odeum.ExitStatus
  )
    async
  {
    #expect(await Odeum.run(arguments) == status)
  }

  @Test func `the version of Odoo and that of the program do not get into each other's way`() throws {
    let command = try #require(
      try Odeum.parseAsRoot(["instance", "create", "shop", "--version", "18.0"]) as? CreateInstance)
    #expect(command.version == "18.0")
  }
}
