extension API {
  /// The request that changes settings. An absent key leaves the setting as it is; `"workers": null` goes back to
  /// as many workers as the server's cores advise.
  public struct SettingsChange: Codable, Sendable, Equatable {
    /// See ``API/InstanceSettings/workers``.
    public var workers: Workers?
    /// See ``API/InstanceSettings/workerMemoryMB``.
    public var workerMemoryMB: Int?
    /// See ``API/InstanceSettings/cronThreads``.
    public var cronThreads: Int?
    /// See ``API/InstanceSettings/cpuTimeLimit``.
    public var cpuTimeLimit: Int?
    /// See ``API/InstanceSettings/realTimeLimit``.
    public var realTimeLimit: Int?
    /// See ``API/InstanceSettings/logLevel``.
    public var logLevel: String?
    /// See ``API/InstanceSettings/databaseFilter``.
    public var databaseFilter: String?
    /// See ``API/InstanceSettings/odooConf``.
    public var odooConf: String?
    /// See ``API/InstanceSettings/sharedAddons``.
    public var sharedAddons: String?
    /// See ``API/InstanceSettings/externalFilestore``.
    public var externalFilestore: String?
    /// See ``API/InstanceSettings/autoRestart``.
    public var autoRestart: Bool?
    /// See ``API/InstanceSettings/customModules``.
    public var customModules: [ModuleSource]?
    /// The packages that are to change.
    public var packages: Packages?
    /// What is to change of PostgreSQL.
    public var postgres: PostgresSettings?
    /// The limits of the Odoo container that are to change.
    public var odoo: ContainerLimits?
    /// The limits of the database container that are to change.
    public var database: ContainerLimits?

    /// How many worker processes.
    public enum Workers: Sendable, Equatable {
      /// By the server's cores; `null` in JSON.
      case automatic
      /// That many; 0 is the threaded mode.
      case fixed(Int)
    }

    /// A change of nothing yet.
    public init() {}

    private enum CodingKeys: CodingKey {
      case workers, workerMemoryMB, cronThreads, cpuTimeLimit, realTimeLimit, logLevel, databaseFilter,
        odooConf, sharedAddons, externalFilestore, autoRestart, customModules, packages, postgres, odoo,
        database
    }

    /// Tells `"workers": null` from no `workers`.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if container.contains(.workers) {
        workers = try container.decode(Int?.self, forKey: .workers).map(Workers.fixed) ?? .automatic
      }
      workerMemoryMB = try container.decodeIfPresent(Int.self, forKey: .workerMemoryMB)
      cronThreads = try container.decodeIfPresent(Int.self, forKey: .cronThreads)
      cpuTimeLimit = try container.decodeIfPresent(Int.self, forKey: .cpuTimeLimit)
      realTimeLimit = try container.decodeIfPresent(Int.self, forKey: .realTimeLimit)
      logLevel = try container.decodeIfPresent(String.self, forKey: .logLevel)
      databaseFilter = try container.decodeIfPresent(String.self, forKey: .databaseFilter)
      odooConf = try container.decodeIfPresent(String.self, forKey: .odooConf)
      sharedAddons = try container.decodeIfPresent(String.self, forKey: .sharedAddons)
      externalFilestore = try container.decodeIfPresent(String.self, forKey: .externalFilestore)
      autoRestart = try container.decodeIfPresent(Bool.self, forKey: .autoRestart)
      customModules = try container.decodeIfPresent([ModuleSource].self, forKey: .customModules)
      packages = try container.decodeIfPresent(Packages.self, forKey: .packages)
      postgres = try container.decodeIfPresent(PostgresSettings.self, forKey: .postgres)
      odoo = try container.decodeIfPresent(ContainerLimits.self, forKey: .odoo)
      database = try container.decodeIfPresent(ContainerLimits.self, forKey: .database)
    }

    /// Writes only what is to change.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      switch workers {
      case nil: break
      case .automatic: try container.encodeNil(forKey: .workers)
      case .fixed(let count): try container.encode(count, forKey: .workers)
      }
      try container.encodeIfPresent(workerMemoryMB, forKey: .workerMemoryMB)
      try container.encodeIfPresent(cronThreads, forKey: .cronThreads)
      try container.encodeIfPresent(cpuTimeLimit, forKey: .cpuTimeLimit)
      try container.encodeIfPresent(realTimeLimit, forKey: .realTimeLimit)
      try container.encodeIfPresent(logLevel, forKey: .logLevel)
      try container.encodeIfPresent(databaseFilter, forKey: .databaseFilter)
      try container.encodeIfPresent(odooConf, forKey: .odooConf)
      try container.encodeIfPresent(sharedAddons, forKey: .sharedAddons)
      try container.encodeIfPresent(externalFilestore, forKey: .externalFilestore)
      try container.encodeIfPresent(autoRestart, forKey: .autoRestart)
      try container.encodeIfPresent(customModules, forKey: .customModules)
      try container.encodeIfPresent(packages, forKey: .packages)
      try container.encodeIfPresent(postgres, forKey: .postgres)
      try container.encodeIfPresent(odoo, forKey: .odoo)
      try container.encodeIfPresent(database, forKey: .database)
    }
  }
}

extension API {
  /// The answer to a request that changes settings.
  public struct ChangedSettings: Codable, Sendable, Equatable {
    /// The instance as it is wanted now.
    public var instance: Instance
    /// Remarks, such as a key of the snippet that moved into its own field.
    public var notes: [String]

    /// What came of the request.
    public init(instance: Instance, notes: [String]) {
      self.instance = instance
      self.notes = notes
    }
  }

  /// What a change of settings would bring about.
  public struct SettingsPreview: Codable, Sendable, Equatable {
    /// The settings as they would be.
    public var settings: InstanceSettings
    /// `none`, `soft` or `hard`: the restart that would bring everything into effect that is wanted then.
    public var restart: String
    /// Remarks, such as memory that the server does not have.
    public var notes: [String]

    /// What would be.
    public init(settings: InstanceSettings, restart: String, notes: [String]) {
      self.settings = settings
      self.restart = restart
      self.notes = notes
    }
  }
}
