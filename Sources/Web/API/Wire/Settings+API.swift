import Client
import Hosting

extension API.InstanceSettings {
  init(_ settings: InstanceSettings) {
    self.init(
      workers: settings.workers, workerMemoryMB: settings.workerMemoryMB, cronThreads: settings.cronThreads,
      cpuTimeLimit: settings.cpuTimeLimit, realTimeLimit: settings.realTimeLimit,
      logLevel: settings.logLevel.rawValue, databaseFilter: settings.databaseFilter,
      odooConf: settings.odooConf, sharedAddons: settings.sharedAddons?.text ?? "",
      externalFilestore: settings.externalFilestore?.text ?? "",
      autoRestart: settings.autoRestart, customModules: settings.customModules.map(API.ModuleSource.init),
      packages: API.Packages(
        odoo: settings.packages.odoo, python: settings.packages.python, database: settings.packages.database),
      postgres: API.PostgresSettings(
        extensions: settings.postgres.extensions, conf: settings.postgres.conf),
      odoo: API.ContainerLimits(settings.odoo),
      database: API.ContainerLimits(settings.database))
  }
}

extension API.ModuleSource {
  init(_ source: ModuleSource) {
    self.init(repository: source.repository.text, branch: source.branch?.text)
  }
}

extension ModuleSource.Wish {
  init(_ source: API.ModuleSource) {
    self.init(repository: source.repository, branch: source.branch)
  }
}

extension API.ContainerLimits {
  init(_ limits: ContainerLimits) {
    self.init(
      cpuShares: limits.cpuShares, memoryMB: limits.memoryMB, memoryReservationMB: limits.memoryReservationMB,
      shmMB: limits.shmMB)
  }
}

extension SettingsChange {
  /// The settings that a new instance shall have instead of the defaults.
  init(_ settings: API.InstanceSettings) {
    self.init()
    workers = settings.workers.map { .some($0) }
    workerMemoryMB = settings.workerMemoryMB
    cronThreads = settings.cronThreads
    cpuTimeLimit = settings.cpuTimeLimit
    realTimeLimit = settings.realTimeLimit
    logLevel = settings.logLevel
    databaseFilter = settings.databaseFilter
    odooConf = settings.odooConf
    sharedAddons = settings.sharedAddons
    externalFilestore = settings.externalFilestore
    autoRestart = settings.autoRestart
    customModules = settings.customModules?.map(ModuleSource.Wish.init)
    take(settings.packages, settings.postgres)
    odoo = settings.odoo.map(LimitsChange.init) ?? LimitsChange()
    database = settings.database.map(LimitsChange.init) ?? LimitsChange()
  }

  init(_ change: API.SettingsChange) {
    self.init()
    workers =
      switch change.workers {
      case nil: nil
      case .automatic: .some(nil)
      case .fixed(let count): count
      }
    workerMemoryMB = change.workerMemoryMB
    cronThreads = change.cronThreads
    cpuTimeLimit = change.cpuTimeLimit
    realTimeLimit = change.realTimeLimit
    logLevel = change.logLevel
    databaseFilter = change.databaseFilter
    odooConf = change.odooConf
    sharedAddons = change.sharedAddons
    externalFilestore = change.externalFilestore
    autoRestart = change.autoRestart
    customModules = change.customModules?.map(ModuleSource.Wish.init)
    take(change.packages, change.postgres)
    odoo = change.odoo.map(LimitsChange.init) ?? LimitsChange()
    database = change.database.map(LimitsChange.init) ?? LimitsChange()
  }
}

extension SettingsChange {
  private mutating func take(_ packages: API.Packages?, _ postgres: API.PostgresSettings?) {
    debianPackages = packages?.odoo
    pythonPackages = packages?.python
    databasePackages = packages?.database
    extensions = postgres?.extensions
    postgresConf = postgres?.conf
  }
}

extension SettingsChange.LimitsChange {
  init(_ limits: API.ContainerLimits) {
    self.init()
    cpuShares = limits.cpuShares
    memoryMB = limits.memoryMB
    memoryReservationMB = limits.memoryReservationMB
    shmMB = limits.shmMB
  }
}
