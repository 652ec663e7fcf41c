import ArgumentParser
import Client
import Foundation

/// `odeum instance list`
struct ListInstances: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List instances.", aliases: ["ls"])

  /// For help and completion only: which there are says the server.
  private static let statuses = [
    "creating", "running", "stopped", "restarting", "failed", "removing",
  ]

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Only those on this server.", valueName: "name"))
  var server: String?

  @Option(
    help: "Only those on this stage: production, staging or dev.",
    completion: .list(["production", "staging", "dev"]))
  var stage: String?

  @Option(
    help: "Only those in this status: \(Self.statuses.joined(separator: ", ")).",
    completion: .list(Self.statuses))
  var status: String?

  @Option(help: ArgumentHelp("Only those whose name contains this.", valueName: "text"))
  var search: String?

  func run() async throws {
    let instances = try await common.connected { client in
      var id: UUID?
      if let server { id = try await client.askingServer { try await client.send(.server(server)).value.id } }
      return try await client.everything { [id] in
        .instances(on: id, stage: stage, status: status, search: search, limit: 200, cursor: $0)
      }
    }
    if common.json { return try Terminal.output.json(API.Page(items: instances, nextCursor: nil)) }
    guard !instances.isEmpty else {
      let isFiltered = server != nil || stage != nil || status != nil || search != nil
      Terminal.messages.line(
        isFiltered ? "No instance matches." : "There are no instances yet.\nNext: odeum instance create NAME")
      return
    }
    Terminal.output.show(Self.table(instances, Terminal.output.style))
  }

  /// One row an instance; what is not as it should be says why.
  static func table(_ instances: [API.InstanceSummary], _ style: Style, now: Date = Date()) -> Table {
    var table = Table(head: ["NAME", "STATUS", "STAGE", "ODOO", "SERVER", "ADDRESS", "AGE", ""])
    table.rows = instances.map { instance in
      let isCalm = instance.status == "running" || instance.status == "stopped"
      return [
        instance.name, style.state(instance.status), instance.stage, instance.version, instance.server.name,
        instance.url, instance.createdAt.age(at: now), isCalm ? "" : Columns.harmless(instance.statusReason),
      ]
    }
    return table
  }
}

extension OdeumClient {
  /// The items of all pages of a list.
  func everything<Item>(_ call: (_ cursor: String?) -> API.Call<API.Page<Item>>) async throws -> [Item] {
    var items: [Item] = []
    var cursor: String?
    repeat {
      let page = try await send(call(cursor)).value
      items += page.items
      cursor = page.nextCursor
    } while cursor != nil
    return items
  }
}
