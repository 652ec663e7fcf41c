import Foundation
import Hosting
import Hummingbird

extension ConsoleDoor {
  func addAuditRoutes(to routes: Routes) {
    routes.get("/audit", .permission(.viewAudit)) { request, context in
      let (filter, query) = Self.filter(request)
      let cursor = request.query("cursor")
      let found = try await hosting.audit(
        filter, page: PageRequest(limit: 50, cursor: cursor.isEmpty ? nil : cursor), by: context.actor)
      func address(_ path: String, _ more: [(String, String)] = []) -> String {
        let all = query + more
        return path
          + (all.isEmpty ? "" : "?" + all.map { "\($0.0)=\($0.1.inAddress)" }.joined(separator: "&"))
      }
      let page = AuditPage(
        search: filter.search ?? "", kinds: Self.kinds(filter.action),
        rows: found.items.map { AuditPage.Row($0) },
        exports: [
          LinkView(label: "CSV", href: address("/audit/export", [("format", "csv")])),
          LinkView(label: "JSON", href: address("/audit/export", [("format", "json")])),
        ],
        first: cursor.isEmpty ? nil : address("/audit"),
        next: found.nextCursor.map { address("/audit", [("cursor", $0)]) })
      return try answer(page, "Audit log", section: .audit, request, context)
    }
    routes.get("/audit/export", .permission(.viewAudit)) { request, context in
      let (filter, _) = Self.filter(request)
      let format = AuditExport.Format(rawValue: request.query("format")) ?? .csv
      return try await AuditExport(format: format, filter: filter, hosting: hosting, actor: context.actor)
        .response()
    }
  }

  /// What is looked for, and the part of the address that says so.
  private static func filter(_ request: Request) -> (AuditFilter, [(String, String)]) {
    var filter = AuditFilter()
    var query: [(String, String)] = []
    for (name, path) in [("search", \AuditFilter.search), ("action", \AuditFilter.action)] {
      let text = request.query(name)
      guard !text.isEmpty else { continue }
      filter[keyPath: path] = text
      query.append((name, text))
    }
    return (filter, query)
  }

  /// The kinds of actions to choose from.
  private static func kinds(_ chosen: String?) -> [ChoiceField.Choice] {
    let kinds = Set(AuditAction.allCases.map { String($0.rawValue.prefix { $0 != "." }) }).sorted()
    return [.init(value: "", label: "Everything", selected: chosen == nil)]
      + kinds.map { .init(value: $0, label: $0.capitalized, selected: $0 == chosen) }
  }
}
