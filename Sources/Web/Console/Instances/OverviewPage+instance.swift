import Foundation
import Hosting
import Odoo

extension OverviewPage {
  /// - Parameters:
  ///   - database: how to reach the database, where somebody asked for that.
  ///   - mayReveal: whether the one who looks may ask for it.
  init(
    _ instance: Instance, header: InstanceHeader, database: DatabaseAccess?, mayReveal: Bool,
    jobs: [Hosting.Operation]
  ) {
    self.init(
      header: header, liveBody: database == nil, liveAround: database != nil,
      drift: instance.drift.map { DriftView(text: $0.text, since: Moment($0.since)) },
      access: Self.access(instance) + (database.map(Self.facts) ?? []),
      reveal: mayReveal && database == nil ? "\(instance.path)/database" : nil,
      portsWhere: instance.portsAreOpen
        ? "on \(instance.server.name)" : "on \(instance.server.name) itself only",
      ports: Self.ports(instance), settings: Self.settings(instance.settings), about: Self.about(instance),
      jobs: jobs.map { JobRow($0, subject: false) }, queueHref: "\(instance.path)/queue",
      settingsHref: "\(instance.path)/settings")
  }

  private static func access(_ instance: Instance) -> [FactView] {
    [
      FactView(
        label: "Address", value: instance.url, href: instance.url, outside: true,
        copy: CopyView(text: instance.url, what: "the address")),
      FactView(
        label: "Odoo user", value: "admin", mono: true,
        more: "Its password was shown once, when the instance was created.",
        copy: CopyView(text: "admin", what: "the user")),
      FactView(
        label: "Database", value: instance.database.text, mono: true,
        copy: CopyView(text: instance.database.text, what: "the name of the database")),
      FactView(
        label: "Database user", value: instance.databaseRole.text, mono: true,
        copy: CopyView(text: instance.databaseRole.text, what: "the database user")),
      FactView(
        label: "Command line", value: "odeum instance show \(instance.name)", mono: true,
        copy: CopyView(text: "odeum instance show \(instance.name)", what: "the command")),
    ]
  }

  private static func facts(_ access: DatabaseAccess) -> [FactView] {
    func copied(_ label: String, _ value: String, _ what: String, more: String? = nil) -> FactView {
      FactView(
        label: label, value: value, mono: true, more: more, copy: CopyView(text: value, what: "the \(what)"))
    }
    return [
      copied(
        "Database password", access.password.reveal(), "password",
        more: "The audit log notes that you looked."),
      access.tunnel.map {
        copied(
          "SSH tunnel", $0, "tunnel’s command", more: "YOU is your account on the server; leave it running.")
      },
      copied("psql", access.client, "client’s command", more: "On the server itself, or behind the tunnel."),
    ].compactMap(\.self)
  }

  private static func ports(_ instance: Instance) -> [FactView] {
    let block = PortBlock(base: instance.basePort)
    // Whatever the server is set to, only Odoo itself is ever opened to the network.
    let ports: [(String, Int, isOpen: Bool)] = [
      ("Web", block.web, instance.portsAreOpen),
      (
        instance.version.usesWebSocket ? "Websocket" : "Longpolling", block.longpolling, instance.portsAreOpen
      ),
      ("Mail catcher", block.mail, false), ("PostgreSQL", block.database, false), ("IDE", block.ide, false),
    ]
    return ports.map { label, port, isOpen in
      FactView(
        label: label, value: String(port), mono: true,
        more: instance.portsAreOpen ? isOpen ? "Open to the network." : "On the server itself only." : nil)
    }
  }

  private static func settings(_ settings: InstanceSettings) -> [FactView] {
    func limit(_ megabytes: Int) -> String { megabytes == 0 ? "No limit" : sizeText(megabytes) }
    return [
      FactView(
        label: "Workers",
        value: settings.workers.map { $0 == 0 ? "None, threaded mode" : String($0) } ?? "As advised"),
      FactView(label: "Cron threads", value: String(settings.cronThreads)),
      FactView(label: "Odoo memory", value: limit(settings.odoo.memoryMB)),
      FactView(label: "Database memory", value: limit(settings.database.memoryMB)),
      FactView(
        label: "Custom modules",
        value: settings.customModules.isEmpty
          ? "None" : "From " + countText(settings.customModules.count, "repository", plural: "repositories")),
      FactView(label: "After a crash", value: settings.autoRestart ? "Started again" : "Left stopped"),
    ]
  }

  private static func about(_ instance: Instance) -> [FactView] {
    let origin = instance.origin
    return [
      FactView(label: "Created", value: Moment(instance.createdAt).full),
      FactView(label: "Language", value: LanguageNames.name(of: origin.language)),
      origin.country.map { FactView(label: "Country", value: CountryNames.name(of: $0)) },
      FactView(label: "Demo data", value: origin.demo ? "Yes" : "No"),
      FactView(
        label: "Modules", value: origin.modules.isEmpty ? "base" : origin.modules.joined(separator: ", ")),
      FactView(
        label: "Id", value: instance.id.uuidString.lowercased(), mono: true,
        copy: CopyView(text: instance.id.uuidString.lowercased(), what: "the id")),
    ].compactMap(\.self)
  }
}
