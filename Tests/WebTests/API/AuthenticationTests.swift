import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct AuthenticationTests {
  /// A path with something in the place of every parameter.
  private func path(_ route: DeclaredRoute) -> String {
    route.path.replacing(/\{[a-z]+\}/, with: UUID().uuidString.lowercased())
  }

  @Test func `nothing of the API answers without credentials, or with wrong ones`() async throws {
    try await LiveAPI.run { api in
      let routes = api.server.routes.filter { $0.path.hasPrefix("/api/") }
      #expect(routes.count > 15)
      try await api.server.application.test(.router) { http in
        for route in routes {
          #expect(route.access != .open, "\(route)")
          for headers in [[:], [.authorization: "Bearer odeum_wrong"], [.cookie: "odeum=wrong"]]
            as [HTTPFields]
          {
            let response = try await http.execute(uri: path(route), method: route.method, headers: headers)
            #expect(response.status == .unauthorized, "\(route) with \(headers)")
            #expect(response.headers[.contentType] == "application/problem+json", "\(route)")
          }
        }
      }
    }
  }

  @Test func `a role is refused exactly where it lacks the route's permission`() async throws {
    try await LiveAPI.run { api in
      let viewer = try await api.token(for: .viewer)
      let developer = try await api.token(for: .developer)
      try await api.server.application.test(.router) { http in
        for route in api.server.routes.filter({ $0.path.hasPrefix("/api/") }) {
          for (token, role) in [(viewer, Role.viewer), (developer, .developer)] {
            let isRefused: Bool
            switch route.access {
            case .permission(let permission): isRefused = !role.permissions.contains(permission)
            // Neither of them runs the installation.
            case .operators: isRefused = true
            case .open, .signedIn: continue
            }
            let response = try await http.execute(
              uri: path(route), method: route.method, headers: [.authorization: "Bearer \(token)"])
            #expect(
              (response.status == .forbidden) == isRefused,
              "\(role) on \(route.method) \(route.path): \(response.status)")
          }
        }
      }
    }
  }

  @Test func `a token that was revoked is refused at once`() async throws {
    try await LiveAPI.run { api in
      try await api.server.application.test(.router) { http in
        let headers: HTTPFields = [.authorization: "Bearer \(api.token)"]
        #expect(try await http.execute(uri: "/api/v1/account", method: .get, headers: headers).status == .ok)
        for token in try await api.hosting.tokens(by: api.owner) {
          try await api.hosting.revokeToken(token.id, by: api.owner)
        }
        let after = try await http.execute(uri: "/api/v1/account", method: .get, headers: headers)
        #expect(after.status == .unauthorized)
      }
    }
  }
}
