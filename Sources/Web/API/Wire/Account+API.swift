import Client
import Hosting

extension API.Account {
  init(_ actor: Actor) {
    self.init(
      email: actor.email, organisation: actor.organisationSlug, role: actor.role.rawValue,
      isOperator: actor.isOperator, permissions: actor.permissions.map(\.rawValue).sorted())
  }
}

extension API.Token {
  init(_ token: APIToken, secret: String? = nil) {
    self.init(
      id: token.id, name: token.name, createdAt: token.createdAt, lastUsedAt: token.usedAt,
      expiresAt: token.expiresAt, scopes: token.scopes?.map(\.rawValue).sorted(), secret: secret)
  }
}

extension API.Session {
  init(_ session: Session) {
    self.init(
      id: session.id, address: session.address, userAgent: session.userAgent, createdAt: session.createdAt,
      seenAt: session.seenAt, isPresent: session.isPresent)
  }
}

extension API.Page {
  /// The page with its items turned into those of the API.
  init<Source>(_ page: Page<Source>, _ item: (Source) -> Item) {
    self.init(items: page.items.map(item), nextCursor: page.nextCursor)
  }
}
