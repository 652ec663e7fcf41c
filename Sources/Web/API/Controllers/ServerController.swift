import Client
import Hosting
import Hummingbird

/// The hosts on which instances run.
struct ServerController {
  let hosting: Hosting

  func addRoutes(to routes: Routes) {
    routes.get("/servers", .permission(.viewServers), servers)
  }

  private func servers(_ request: Request, _ context: WebContext) async throws -> Response {
    let servers = try await hosting.servers(by: context.actor)
    return try .json(API.Page(items: servers.map(API.Server.init), nextCursor: nil))
  }
}
