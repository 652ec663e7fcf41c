import Client
import Hosting

extension API.Server {
  init(_ server: Server) {
    let facts = server.facts
    self.init(
      id: server.id, name: server.name, kind: server.kind.rawValue, status: server.status.rawValue,
      statusReason: server.statusReason, seenAt: server.seenAt, os: facts.os, docker: facts.docker,
      cores: facts.cores, memoryMB: facts.memoryMB, memoryAvailableMB: facts.memoryAvailableMB,
      diskMB: facts.diskMB,
      diskFreeMB: facts.diskFreeMB, instances: server.instances)
  }
}

extension API.Account {
  init(_ actor: Actor) {
    self.init(
      email: actor.email, organisation: actor.organisationSlug, role: actor.role.rawValue,
      isOperator: actor.isOperator)
  }
}

extension API.Token {
  init(_ token: APIToken, secret: String? = nil) {
    self.init(
      id: token.id, name: token.name, createdAt: token.createdAt, lastUsedAt: token.usedAt,
      expiresAt: token.expiresAt, secret: secret)
  }
}

extension API.Page {
  /// The page with its items turned into those of the API.
  init<Source>(_ page: Page<Source>, _ item: (Source) -> Item) {
    self.init(items: page.items.map(item), nextCursor: page.nextCursor)
  }
}
