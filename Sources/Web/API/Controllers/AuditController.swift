import Client
import Foundation
import Hosting
import Hummingbird

/// The audit log.
struct AuditController {
  let hosting: Hosting

  func addRoutes(to routes: Routes) {
    routes.get("/audit", .permission(.viewAudit), entries)
    routes.get("/audit/export", .permission(.viewAudit), export)
  }

  private func entries(_ request: Request, _ context: WebContext) async throws -> Response {
    let query = try Query(
      request, "action", "person", "subject", "search", "from", "until", "limit", "cursor")
    let page = try await hosting.audit(try filter(query), page: query.page(), by: context.actor)
    return try .json(
      API.Page(items: try page.items.map { try API.AuditEntry($0) }, nextCursor: page.nextCursor))
  }

  private func export(_ request: Request, _ context: WebContext) async throws -> Response {
    let query = try Query(request, "format", "action", "person", "subject", "search", "from", "until")
    let format = try query.word("format", as: AuditExport.Format.self) ?? .json
    return try await AuditExport(
      format: format, filter: try filter(query), hosting: hosting, actor: context.actor
    ).response()
  }

  private func filter(_ query: Query) throws -> AuditFilter {
    var filter = AuditFilter()
    filter.action = query.text("action")
    filter.search = query.text("search")
    filter.person = try query.id("person")
    filter.subject = try query.id("subject")
    filter.from = try query.instant("from")
    filter.until = try query.instant("until")
    return filter
  }
}
