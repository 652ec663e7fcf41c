import Foundation
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct APIReferenceTests {
  @Test func `blocks, braces, quotes and texts of several lines are read`() throws {
    let value = try YAMLValue.read(
      """
      # A comment.
      a: one
      "200":
        description: |
          First line,

            indented: second.
      list:
        - { $ref: "#/x/y", what: It's plain, many: [a, "b, c", 'it''s'] }
        - name: id
          schema: { type: string }
        - just text
      below:
        [a,
         b]
      empty: {}
      long: { first: 1,
        second: "2" }
      quoted: "a: \\"b\\" # no comment"
      """)
    #expect(value["a"]?.text == "one")
    #expect(value["200"]?["description"]?.text == "First line,\n\n  indented: second.")
    let list = try #require(value["list"]?.items)
    #expect(list[0]["$ref"]?.text == "#/x/y" && list[0]["what"]?.text == "It's plain")
    #expect(list[0]["many"]?.items.map(\.text) == ["a", "b, c", "it's"])
    #expect(list[1]["name"]?.text == "id" && list[1]["schema"]?["type"]?.text == "string")
    #expect(list[2].text == "just text")
    #expect(value["below"]?.items.map(\.text) == ["a", "b"])
    #expect(value["empty"] == .mapping([]) && value["long"]?["second"]?.text == "2")
    #expect(value["quoted"]?.text == "a: \"b\" # no comment")
  }

  @Test(arguments: [
    ("a: 1\na: 2", 2), ("a:\n  b: 1\n c: 2", 3), ("a: >\n  folded", 1), ("a: \"open", 1), ("a: [1, 2", 1),
    ("no key", 1), ("a: {b 1}", 1), ("a: 1\n  b: 2", 2),
  ])
  func `what is not read is refused with its line`(text: String, line: Int) {
    let error = #expect(throws: YAMLError.self) { try YAMLValue.read(text) }
    #expect(error?.line == line)
  }

  private static func reference() throws -> APIReference {
    try APIReference(yaml: String(decoding: OpenAPIController.file(), as: UTF8.self))
  }

  @Test func `every operation of the description is there with what it takes and gives`() throws {
    let reference = try Self.reference()
    let operations = reference.groups.flatMap(\.operations)
    let yaml = String(decoding: try OpenAPIController.file(), as: UTF8.self)
    #expect(operations.count == yaml.matches(of: /operationId:/).count)
    #expect(operations.allSatisfy { !$0.summary.isEmpty && !$0.answers.isEmpty && !$0.id.isEmpty })
    let names = Set(reference.schemas.map(\.name))
    for operation in operations {
      for part in operation.path.matches(of: /\{(.+?)\}/) {
        #expect(
          operation.parameters.contains { $0.name == String(part.1) && $0.place == "path" && $0.isRequired },
          "\(operation.id)")
      }
      for type in operation.answers.compactMap(\.type) + [operation.body].compactMap(\.self) {
        #expect(type.schema.map(names.contains) ?? true, "\(operation.id): \(type)")
      }
    }
    let list = try #require(operations.first { $0.id == "listMail" })
    #expect(list.method == "GET" && list.path == "/instances/{ref}/mail")
    #expect(list.answers.first?.type == .init(words: "MailPage", schema: "MailPage"))
    #expect(list.answers.map(\.status) == ["200", "401", "403", "404", "409", "422", "other"])
  }

  @Test func `a browser reads the API on a page, and who is not signed in signs in first`() async throws {
    try await LiveAPI.run { api in
      try await api.server.application.test(.router) { client in
        let page = try await client.execute(
          uri: "/api/v1/", method: .get, headers: [.authorization: "Bearer \(api.token)"])
        #expect(page.status == .ok)
        #expect(page.headers[.contentType] == "text/html; charset=utf-8")
        let text = String(buffer: page.body)
        #expect(text.contains("<code>/instances/{ref}/mail/{message}</code>"))
        #expect(text.contains("Connect as a user of Odoo (connectAsUsers)"))
        #expect(text.contains("Operators of the installation"))
        #expect(
          text.matches(of: /<details class="operation"/).count
            == text.matches(of: /<h3>Permission<\/h3>/).count)
        let stranger = try await client.execute(
          uri: "/api/v1/", method: .get, headers: [.accept: "text/html,*/*"])
        #expect(stranger.status == .seeOther)
        #expect(stranger.headers[.location] == "/sign-in?back=%2Fapi%2Fv1%2F")
        let program = try await client.execute(uri: "/api/v1/", method: .get)
        #expect(program.status == .unauthorized)
      }
    }
  }
}
