import Foundation
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct OpenAPITests {
  /// `GET /instances/{ref}` and so on, read from the file by its indentation.
  private func described(_ yaml: String) -> Set<String> {
    var found: Set<String> = []
    var path: String?
    for line in yaml.split(separator: "\n").drop(while: { $0 != "paths:" }).dropFirst() {
      if !line.hasPrefix(" ") { break }
      if line.hasPrefix("  /") { path = line.trimmingCharacters(in: [" ", ":"]) }
      let word = line.trimmingCharacters(in: [" ", ":"])
      if let path, line.hasPrefix("    "), !line.hasPrefix("     "),
        ["get", "post", "put", "patch", "delete"].contains(word)
      {
        found.insert("\(word.uppercased()) \(path)")
      }
    }
    return found
  }

  @Test func `the description names every route of the API and no other`() async throws {
    try await LiveAPI.run { api in
      let response = try await api.server.application.test(.router) {
        try await $0.execute(
          uri: "/api/v1/openapi.yaml", method: .get, headers: [.authorization: "Bearer \(api.token)"])
      }
      #expect(response.status == .ok)
      #expect(response.headers[.contentType] == "application/yaml")
      let declared = Set(
        api.server.routes.filter { $0.path.hasPrefix("/api/v1/") }
          .map { "\($0.method.rawValue) \($0.path.dropFirst("/api/v1".count))" })
      let described = described(String(buffer: response.body))
      #expect(described.subtracting(declared) == [])
      #expect(declared.subtracting(described) == [])
    }
  }
}
