import Foundation
import Odoo
import Remote

/// The images that an instance is made from, by id, so that a hard restart takes the same ones again.
struct ImageIDs: Sendable, Codable, Equatable {
  var odoo: String
  var database: String
  /// The same with packages in them; nil where there are none.
  var layered: Layered?

  /// The images with packages.
  struct Layered: Sendable, Codable, Equatable {
    var odoo: String
    var database: String
  }

  /// The image of the Odoo container.
  var ofOdoo: String { layered?.odoo ?? odoo }
  /// The image of the database container.
  var ofDatabase: String { layered?.database ?? database }
}

/// Everything that a runtime must know to bring up one instance.
struct InstancePlan: Sendable {
  let instance: Instance
  let secrets: InstanceSecrets
  /// The job on whose behalf things are made.
  let operation: UUID
  let images: ImageIDs
  /// The code of custom modules, in the order of search.
  let checkouts: [ModuleCheckout]
  /// The server's cores, from which the advice for workers follows.
  let cores: Int
  /// Whether a mail catcher takes what it sends.
  var catchesMail = false
  /// The folders that the server offers to its instances now.
  var offeredFolders: [HostFolder] = []
  /// Where its shared addons are in the container; nil where there are none, or nobody has looked on the server.
  var sharedAddons: String?

  var names: PartNames { instance.parts }
  /// The volume with its files.
  var filesVolume: String { instance.filesVolume(with: instance.settings) }
  var ports: PortBlock { PortBlock(base: instance.basePort) }

  /// Worker processes: as saved, or by the advice for this server and stage.
  var workers: Int { instance.settings.workers ?? instance.stage.advisedWorkers(cores: cores) }

  /// odoo.conf, whole.
  ///
  /// - Throws: `InvalidInput` where a value cannot stand in the file.
  func odooConf() throws -> String {
    let settings = instance.settings
    let database = OdooConf.Database(
      host: "db", port: 5432, user: instance.databaseRole,
      password: ConfSecret(secrets.databasePassword.reveal()), name: instance.database,
      maxConnections: connections.perProcess, maxConnectionsGevent: connections.gevent)
    var conf = OdooConf(
      version: instance.version, database: database,
      masterPassword: ConfSecret(secrets.masterPassword.reveal()))
    conf.databaseFilter = settings.databaseFilter.isEmpty ? nil : settings.databaseFilter
    conf.workers = workers
    conf.cronThreads = settings.cronThreads
    conf.limits.memoryPerWorker = settings.workerMemoryMB
    conf.limits.cpuTime = settings.cpuTimeLimit
    conf.limits.realTime = settings.realTimeLimit
    conf.logLevel = settings.logLevel
    // Odoo finds its own modules by itself.
    conf.addonsPath =
      checkouts.flatMap(\.addons).map { "\(Self.modulesFolder)/\($0)" } + [sharedAddons].compactMap(\.self)
    conf.mailCatcher = catchesMail ? OdooConf.MailServer(host: DockerRuntime.mailHost) : nil
    let snippet = try ConfSnippet.parse(
      settings.odooConf, for: instance.version, mailCatcher: catchesMail)
    return try conf.merging(snippet).render()
  }

  /// `key=value` for PostgreSQL's command line.
  var databaseParameters: [String] {
    let limit = instance.settings.database.memoryMB
    // Checked when it was saved. Of two that say the same key, PostgreSQL takes the later one.
    let own = (try? PostgresConf(instance.settings.postgres.conf, field: "postgres.conf"))?.settings ?? []
    return PostgresTuning.settings(
      for: instance.stage == .production ? .full : .small, memory: limit == 0 ? 1024 : limit,
      maxConnections: connections.maxConnections
    ).map { "\($0.name)=\($0.value)" } + own.map { "\($0.name)=\($0.value)" }
  }

  /// What makes the database container what it is.
  var databaseMarks: [String] {
    [images.ofDatabase, names.cluster, String(ports.database), "\(instance.settings.database)"]
      + databaseParameters
  }

  /// Where the Odoo container has custom modules.
  static let modulesFolder = "/mnt/odeum/modules"

  /// Where the Odoo container has the folder that a server offers: below one of ours, since its own path may mean something
  /// in the container.
  static func place(of folder: HostFolder) -> String { "/mnt/odeum/shared\(folder)" }

  /// The folder of the server that is mounted for shared addons: the whole one that the server offers, so that a link in it
  /// which changes under a running instance leads nowhere but into that.
  var sharedFolder: HostFolder? { instance.settings.sharedAddons.flatMap { offeredFolders.holding($0) } }

  /// What makes the Odoo container what it is; odoo.conf is put into it at every start.
  var odooMarks: [String] {
    [
      images.ofOdoo, filesVolume, String(ports.web), String(instance.server.exposed), instance.stage.rawValue,
      "\(instance.settings.odoo)", String(instance.settings.autoRestart),
    ] + (checkouts.isEmpty ? [] : [Self.modulesFolder]) + [sharedFolder].compactMap { $0.map(Self.place) }
  }

  private var connections: ConnectionPlan {
    ConnectionPlan(version: instance.version, workers: workers, cronThreads: instance.settings.cronThreads)
  }
}

extension Stage {
  /// How many workers an instance of this stage gets when nobody chose: by the server's cores where a company
  /// works with it, two where somebody looks at a copy.
  func advisedWorkers(cores: Int) -> Int {
    self == .production ? Sizing.maximumWorkers(cores: cores) : 2
  }
}
