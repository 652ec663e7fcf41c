import Foundation
import Hosting
import Hummingbird
import Odoo

extension ConsoleDoor {
  func addInstanceRoutes(to routes: Routes) {
    routes.get("/instances", .permission(.viewInstances)) { request, context in
      let filter = InstanceFilter(request)
      let found = try await hosting.instances(
        on: nil, stage: filter.stage, status: filter.status,
        search: filter.search.isEmpty ? nil : filter.search, page: filter.page, by: context.actor)
      return try answer(
        InstancesPage(
          found, filter: filter, plan: try await hosting.plan(by: context.actor), actor: context.actor),
        "Instances", section: .instances,
        events: "/events", request, context)
    }
    routes.get("/instances/{name}", .permission(.viewInstances)) { request, context in
      try await overview(nil, request, context)
    }
    routes.post("/instances/{name}/database", .permission(.connectAsUsers)) { request, context in
      _ = try await request.form(context)
      let access = try await hosting.databaseAccess(of: context.parameter("name"), by: context.actor)
      return try await overview(access, request, context)
    }
    routes.get("/instances/{name}/queue", .permission(.viewInstances)) { request, context in
      let actor = try context.actor
      let instance = try await hosting.instance(context.parameter("name"), by: actor)
      let cursor = request.query("cursor")
      let jobs = try await hosting.operations(
        of: instance.id.uuidString, page: PageRequest(limit: 30, cursor: cursor.isEmpty ? nil : cursor),
        by: actor)
      let page = QueuePage(
        header: try await header(of: instance, .queue, request, actor),
        jobs: jobs.items.map { JobRow($0, subject: false) },
        shown: countText(jobs.items.count, "job"), first: cursor.isEmpty ? nil : "\(instance.path)/queue",
        next: jobs.nextCursor.map { "\(instance.path)/queue?cursor=\($0.inAddress)" })
      return try answer(
        page, "\(instance.name): queue", section: .instances, events: "/events?instance=\(instance.id)",
        request, context)
    }
  }

  /// - Parameter database: how to reach the database, where somebody asked for that.
  private func overview(
    _ database: DatabaseAccess?, _ request: Request, _ context: WebContext
  ) async throws -> Response {
    let actor = try context.actor
    let instance = try await hosting.instance(context.parameter("name"), by: actor)
    let jobs = try await hosting.operations(
      of: instance.id.uuidString, page: PageRequest(limit: 5), by: actor)
    let header = try await header(of: instance, .overview, request, actor)
    return try answer(
      OverviewPage(
        instance, header: header, database: database, mayReveal: actor.can(.connectAsUsers), jobs: jobs.items),
      instance.name.text, section: .instances, events: "/events?instance=\(instance.id)", path: instance.path,
      request, context)
  }

  /// What stands above the tabs of `instance`. Of a job that was asked for on these pages it says how it goes on: the
  /// page itself knows by its flash which one that is, its live parts by the address that they ask.
  func header(
    of instance: Instance, _ tab: InstanceTab, _ request: Request, _ actor: Actor
  ) async throws -> InstanceHeader {
    let last = try await hosting.operations(
      of: instance.id.uuidString, page: PageRequest(limit: 1), by: actor
    ).items.first
    var work: Hosting.Operation?
    if let job = instance.activeJob {
      work = job == last?.id ? last : try await hosting.operation(job, by: actor)
    }
    var header = InstanceHeader(instance, work: work, tab: tab, actor)
    guard let last else { return header }
    header.failure = InstanceHeader.Failure(last, of: instance)
    if last.id == request.flash?.job ?? UUID(uuidString: request.query("told")) {
      header.told = InstanceHeader.Told(last, of: instance)
    }
    return header
  }
}

/// What the list of instances is narrowed down to.
struct InstanceFilter {
  var stage: Stage?
  var status: InstanceStatus?
  var search: String
  var page: PageRequest

  init(_ request: Request) {
    stage = Stage(rawValue: request.query("stage"))
    status = InstanceStatus(rawValue: request.query("status"))
    search = request.query("search")
    let cursor = request.query("cursor")
    page = PageRequest(cursor: cursor.isEmpty ? nil : cursor)
  }

  var isEmpty: Bool { stage == nil && status == nil && search.isEmpty && page.cursor == nil }

  /// The address of the list with this filter, from `cursor` on.
  func path(cursor: String? = nil) -> String {
    let parts = [
      ("search", search), ("stage", stage?.rawValue ?? ""), ("status", status?.rawValue ?? ""),
      ("cursor", cursor ?? ""),
    ].filter { !$0.1.isEmpty }.map { "\($0.0)=\($0.1.inAddress)" }
    return parts.isEmpty ? "/instances" : "/instances?" + parts.joined(separator: "&")
  }
}

extension InstancesPage {
  init(_ found: Page<InstanceSummary>, filter: InstanceFilter, plan: PlanUse, actor: Actor) {
    self.init(
      welcome: found.items.isEmpty && filter.isEmpty,
      create: .newInstance(actor, plan),
      search: filter.search,
      stages: [.init(value: "", label: "All stages", selected: filter.stage == nil)]
        + Stage.allCases.map { .init(value: $0.rawValue, label: $0.text, selected: $0 == filter.stage) },
      statuses: [.init(value: "", label: "Every status", selected: filter.status == nil)]
        + InstanceStatus.known.map {
          .init(value: $0.rawValue, label: $0.state.text, selected: $0 == filter.status)
        },
      rows: found.items.map(Row.init), shown: countText(found.items.count, "instance"),
      first: filter.page.cursor == nil ? nil : filter.path(),
      next: found.nextCursor.map { filter.path(cursor: $0) })
  }
}

extension ActionView {
  static func newInstance(_ actor: Actor, _ plan: PlanUse) -> ActionView {
    ActionView(
      id: "new", label: "New instance", icon: "plus", style: "primary", href: "/new",
      refused: actor.can(.createInstances)
        ? plan.refusalOfOneMoreInstance?.description
        : "Your role “\(actor.role.rawValue)” does not allow creating instances. Ask an owner or admin.")
  }
}

extension InstancesPage.Row {
  init(_ instance: InstanceSummary) {
    self.init(
      id: instance.id.uuidString, name: instance.name.text, href: instance.path, url: instance.url,
      address: instance.address, stage: instance.stage.rawValue, stageText: instance.stage.text,
      state: instance.status.state,
      // Of what runs or rests there is nothing to explain.
      reason: [.running, .stopped].contains(instance.status) ? nil : instance.statusReason,
      since: Moment(instance.statusSince), version: instance.version.description,
      edition: instance.edition.description.capitalized, server: instance.server.name,
      openable: instance.status == .running)
  }
}

/// `count` of `thing` in words: `1 job`, `30 jobs`.
func countText(_ count: Int, _ thing: String, plural: String? = nil) -> String {
  "\(count) \(count == 1 ? thing : plural ?? "\(thing)s")"
}

extension String {
  /// The text as one segment of a path or as a value in a query: all but the unreserved characters of RFC 3986 encoded.
  var inAddress: String { addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? "" }

  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
