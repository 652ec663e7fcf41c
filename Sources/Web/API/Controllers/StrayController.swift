import Client
import Hosting
import Hummingbird

/// What is on servers and belongs to nothing. Only operators get an answer, which the use cases see to.
struct StrayController {
  let hosting: Hosting

  func addRoutes(to routes: Routes) {
    routes.get("/strays", .operators) { _, context in
      let strays = try await hosting.strays(by: context.actor)
      return try .json(API.Page(items: strays.map(API.Stray.init), nextCursor: nil))
    }
    routes.delete("/strays/{id}", .operators) { _, context in
      try await hosting.removeStray(try context.id("stray"), by: context.actor)
      return Response(status: .noContent)
    }
  }
}
