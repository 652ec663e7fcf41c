import Client
import Foundation
import Hosting
import Hummingbird

/// Who asks, and his tokens.
struct AccountController {
  let hosting: Hosting

  func addRoutes(to routes: Routes) {
    routes.get("/account", .signedIn) { _, context in try .json(API.Account(context.actor)) }
    routes.get("/tokens", .signedIn, tokens)
    routes.post("/tokens", .signedIn, createToken)
    routes.delete("/tokens/{id}", .signedIn, revokeToken)
  }

  private func tokens(_ request: Request, _ context: WebContext) async throws -> Response {
    let tokens = try await hosting.tokens(by: context.actor)
    return try .json(API.Page(items: tokens.map { API.Token($0) }, nextCursor: nil))
  }

  private func createToken(_ request: Request, _ context: WebContext) async throws -> Response {
    let wish = try await request.json(as: API.CreateToken.self, context)
    let outcome = try await hosting.createToken(
      name: wish.name, expiresAt: wish.expiresAt, scopes: wish.scopes,
      idempotencyKey: try request.idempotencyKey(of: wish), by: context.actor)
    return switch outcome {
    case .made(let created):
      try .json(API.Token(created.token, secret: created.secret.reveal()), status: .created)
    case .before(let token): try .json(API.Token(token), status: .created)
    }
  }

  private func revokeToken(_ request: Request, _ context: WebContext) async throws -> Response {
    try await hosting.revokeToken(try context.id("token"), by: context.actor)
    return Response(status: .noContent)
  }
}

extension WebContext {
  /// The part of the path called `id`. What is no id names no `thing`.
  ///
  /// - Throws: `HostingError` with code `notFound`.
  func id(_ thing: String) throws -> UUID {
    let text = try parameter("id")
    guard let id = UUID(uuidString: text) else {
      throw HostingError(
        .notFound, "There is no \(thing) “\(text)”: that is no id.",
        suggestion: "List what there is, and take the id from there.")
    }
    return id
  }
}
