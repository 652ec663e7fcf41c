import Odoo

/// Settings that were found right, and what was moved or remarked on the way.
struct CheckedSettings: Sendable {
  var settings: InstanceSettings
  var notes: [String]
}

extension SettingsChange {
  /// `settings` with this change in it, found right for an instance of `version` and `stage` on a server of
  /// `size`.
  ///
  /// Keys of the odoo.conf snippet that have a field of their own move into it; a remark says so.
  ///
  /// - Parameters:
  ///   - catchesMail: whether a mail catcher takes what the instance sends, so that mail servers are not the snippet's.
  ///   - offered: the folders that the server offers.
  ///   - prefix: what stands before a field's name in the request (`settings.`).
  /// - Throws: `HostingError` with code `invalid` that names every field at fault.
  func checked(
    onto settings: InstanceSettings, version: OdooVersion, stage: Stage, cores: Int,
    catchesMail: Bool = false, offered: OfferedFolders = OfferedFolders(), prefix: String = ""
  ) throws -> CheckedSettings {
    var faults = Faults(prefix: prefix)
    var wanted = applied(to: settings)
    var notes: [String] = []
    if let logLevel {
      if let level = LogLevelName(rawValue: logLevel) {
        wanted.logLevel = level
      } else {
        faults.add(
          "logLevel",
          "Odoo has no log level “\(logLevel)”: \(LogLevelName.allCases.map(\.rawValue).joined(separator: ", "))."
        )
      }
    }
    if let sharedAddons { wanted.take(sharedAddons, as: \.sharedAddons, .sharedAddons, offered, &faults) }
    if let externalFilestore {
      wanted.take(externalFilestore, as: \.externalFilestore, .filestores, offered, &faults)
    }
    let text = wanted.odooConf
    if let snippet = faults.collect({
      try ConfSnippet.parse(text, for: version, mailCatcher: catchesMail)
    }) {
      for change in snippet.fieldChanges { wanted.take(change) }
      if !snippet.fieldChanges.isEmpty { wanted.odooConf = snippet.remainingText }
      notes += snippet.notes.map(\.description)
    }
    if let customModules,
      let sources = faults.collect({ try ModuleSource.checked(customModules, field: "customModules") })
    {
      wanted.customModules = sources
    }
    wanted.checkPackages(&faults)
    _ = faults.collect { try PostgresConf(wanted.postgres.conf, field: "postgres.conf") }
    wanted.checkNumbers(&faults)
    wanted.checkFilter(version, &faults)
    wanted.checkMemory(stage: stage, cores: cores, &faults)
    try faults.throwIfAny()
    if wanted.workerMemoryMB != settings.workerMemoryMB,
      let problem = Sizing.problem(memoryPerWorker: wanted.workerMemoryMB)
    {
      notes.append(problem.description)
    }
    return CheckedSettings(settings: wanted, notes: notes)
  }
}

extension InstanceSettings {
  /// Takes over what a snippet says of a field.
  fileprivate mutating func take(_ change: FieldChange) {
    switch change {
    case .workers(let count): workers = count
    case .cronThreads(let count): cronThreads = count
    case .memoryPerWorker(let megabytes): workerMemoryMB = megabytes
    case .cpuTimeLimit(let seconds): cpuTimeLimit = seconds
    case .realTimeLimit(let seconds): realTimeLimit = seconds
    case .databaseFilter(let filter): databaseFilter = filter
    case .logLevel(let level): logLevel = level
    }
  }

  /// What is saved already stays, whatever the server offers by now: a start looks again.
  fileprivate mutating func take(
    _ path: String, as setting: WritableKeyPath<Self, HostFolder?>, _ use: FolderUse,
    _ offered: OfferedFolders,
    _ faults: inout Faults
  ) {
    guard !path.isEmpty else {
      self[keyPath: setting] = nil
      return
    }
    guard let folder = faults.collect({ try HostFolder(path, field: use.setting) }),
      folder != self[keyPath: setting]
    else { return }
    if let refusal = offered.refusal(of: folder, for: use) {
      return faults.add(use.setting, refusal, suggestion: OfferedFolders.advice)
    }
    self[keyPath: setting] = folder
  }

  fileprivate mutating func checkPackages(_ faults: inout Faults) {
    packages.odoo = PackageNames.debian.checked(packages.odoo, field: "packages.odoo", &faults)
    packages.python = PackageNames.python.checked(packages.python, field: "packages.python", &faults)
    packages.database = PackageNames.debian.checked(packages.database, field: "packages.database", &faults)
    postgres.extensions = PackageNames.extensions.checked(
      postgres.extensions, field: "postgres.extensions", &faults)
  }

  fileprivate func checkNumbers(_ faults: inout Faults) {
    func check(_ name: String, _ value: Int, _ allowed: ClosedRange<Int>, _ unit: String = "") {
      guard !allowed.contains(value) else { return }
      faults.add(
        name,
        "\(name) goes from \(allowed.lowerBound) to \(allowed.upperBound)\(unit); \(value) does not fit.")
    }
    if let workers { check("workers", workers, ConfField.workers.allowed) }
    check("workerMemoryMB", workerMemoryMB, ConfField.memoryPerWorker.allowed, " MB")
    check("cronThreads", cronThreads, ConfField.cronThreads.allowed)
    check("cpuTimeLimit", cpuTimeLimit, ConfField.cpuTimeLimit.allowed, " s")
    check("realTimeLimit", realTimeLimit, ConfField.realTimeLimit.allowed, " s")
    for (name, limits) in [("odoo", odoo), ("database", database)] {
      // Docker's own bounds: weights from 2 to 262144 (cgroup cpu.shares), memory from 6 MB.
      check("\(name).cpuShares", limits.cpuShares, 2...262_144)
      check("\(name).shmMB", limits.shmMB, 1...65_536, " MB")
      if limits.memoryMB != 0 { check("\(name).memoryMB", limits.memoryMB, 64...4_194_304, " MB") }
      if limits.memoryReservationMB != 0 {
        check("\(name).memoryReservationMB", limits.memoryReservationMB, 64...4_194_304, " MB")
      }
      if limits.memoryMB != 0, limits.memoryReservationMB > limits.memoryMB {
        faults.add(
          "\(name).memoryReservationMB",
          "The reservation of \(limits.memoryReservationMB) MB is more than the limit of \(limits.memoryMB) MB."
        )
      }
    }
  }

  fileprivate func checkFilter(_ version: OdooVersion, _ faults: inout Faults) {
    guard !databaseFilter.isEmpty else { return }
    if databaseFilter.contains(where: \.isNewline) || databaseFilter.count > 200 {
      faults.add("databaseFilter", "The database filter is one line of at most 200 characters.")
    } else if (try? Regex(databaseFilter.replacing("%h", with: "h").replacing("%d", with: "d"))) == nil {
      faults.add(
        "databaseFilter", "“\(databaseFilter)” is no regular expression.",
        suggestion: "Look for brackets that are not closed; ^shop$ lets exactly the database “shop” through.")
    }
  }

  fileprivate func checkMemory(stage: Stage, cores: Int, _ faults: inout Faults) {
    guard odoo.memoryMB != 0 else { return }
    let workers = workers ?? stage.advisedWorkers(cores: cores)
    if let problem = Sizing.problem(memoryLimit: odoo.memoryMB, workers: workers, field: "odoo.memoryMB") {
      faults.add(problem)
    }
  }
}
