import ArgumentParser
import Client
import Foundation

/// The settings of an instance as options. What stands behind a number's option is taken for the number also where it
/// begins with a hyphen: a negative one is refused as such.
struct SettingsOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Worker processes: a number, 0 for threads only, or auto.", valueName: "n|auto"))
  var workers: WorkersOption?

  @Option(parsing: .unconditional, help: ArgumentHelp("Soft memory limit of one worker.", valueName: "MB"))
  var workerMemory: Int?

  @Option(parsing: .unconditional, help: ArgumentHelp("Threads for scheduled actions.", valueName: "n"))
  var cronThreads: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Processor seconds that a request may take.", valueName: "s"))
  var cpuTimeLimit: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seconds that a request may take; 0 is no limit.", valueName: "s"))
  var realTimeLimit: Int?

  @Option(help: ArgumentHelp("How much Odoo logs, such as info, warn or debug.", valueName: "level"))
  var logLevel: String?

  @Option(help: ArgumentHelp("Which databases are served, as a regular expression.", valueName: "regex"))
  var dbfilter: String?

  @Option(
    help: ArgumentHelp("Lines for odoo.conf from this file; - is standard input.", valueName: "file"),
    completion: .file())
  var odooConf: String?

  @Option(
    help: ArgumentHelp(
      "A folder of the server with modules, in one that the server offers; empty for none.", valueName: "path"
    ))
  var sharedAddons: String?

  @Option(
    help: ArgumentHelp(
      "The folder of the server to have its files in, one that the server offers for that; empty for a volume of "
        + "Docker's. A hard restart moves them.", valueName: "path"))
  var externalFilestore: String?

  @Option(help: ArgumentHelp("Whether Odoo starts again when it crashes.", valueName: "on|off"))
  var autoRestart: OnOff?

  @Option(
    help: ArgumentHelp(
      "Where custom modules come from; repeat it for several, which together replace those before.",
      valueName: "url#branch"))
  var customModule: [ModuleSourceOption] = []

  @Flag(help: "No custom modules any more.")
  var noCustomModules = false

  @Option(
    help: ArgumentHelp(
      "Debian packages in the Odoo image, separated by commas or blanks; empty for none.", valueName: "a,b"))
  var packages: NamesOption?

  @Option(
    help: ArgumentHelp(
      "Python packages in the Odoo image, as pip takes them, separated by blanks; empty for none.",
      valueName: "'a b'"))
  var pythonPackages: RequirementsOption?

  @Option(
    help: ArgumentHelp(
      "Debian packages in the PostgreSQL image, separated by commas or blanks; empty for none.",
      valueName: "a,b"))
  var dbPackages: NamesOption?

  @Option(
    help: ArgumentHelp(
      "Extensions of the database, separated by commas or blanks; empty for none.", valueName: "a,b"))
  var extensions: NamesOption?

  @Option(
    help: ArgumentHelp("Lines for postgresql.conf from this file; - is standard input.", valueName: "file"),
    completion: .file())
  var postgresConf: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Hard memory limit of the Odoo container; 0 is none.", valueName: "MB"))
  var memory: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Memory reservation of the Odoo container; 0 is none.", valueName: "MB"))
  var memoryReservation: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Shared memory of the Odoo container.", valueName: "MB"))
  var shm: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("CPU weight of the Odoo container; 1024 is Docker's default.", valueName: "n"))
  var cpuShares: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Hard memory limit of the database container; 0 is none.", valueName: "MB"))
  var dbMemory: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Memory reservation of the database container; 0 is none.", valueName: "MB"))
  var dbMemoryReservation: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Shared memory of the database container.", valueName: "MB"))
  var dbShm: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("CPU weight of the database container.", valueName: "n"))
  var dbCpuShares: Int?

  func validate() throws {
    guard !noCustomModules || customModule.isEmpty else {
      throw ValidationError("--custom-module and --no-custom-modules contradict each other.")
    }
    guard odooConf != "-" || postgresConf != "-" else {
      throw ValidationError("--odoo-conf and --postgres-conf cannot both be read from standard input.")
    }
  }

  /// What was asked for; nothing where no option was given.
  func change() throws -> API.SettingsChange {
    var change = API.SettingsChange()
    change.workers = workers?.workers
    change.workerMemoryMB = workerMemory
    change.cronThreads = cronThreads
    change.cpuTimeLimit = cpuTimeLimit
    change.realTimeLimit = realTimeLimit
    change.logLevel = logLevel
    change.databaseFilter = dbfilter
    change.odooConf = try odooConf.map(Self.read)
    change.sharedAddons = sharedAddons
    change.externalFilestore = externalFilestore
    change.autoRestart = autoRestart.map { $0 == .on }
    if noCustomModules || !customModule.isEmpty { change.customModules = customModule.map(\.source) }
    let lists = API.Packages(
      odoo: packages?.names, python: pythonPackages?.names, database: dbPackages?.names)
    if lists != API.Packages() { change.packages = lists }
    let postgres = API.PostgresSettings(
      extensions: extensions?.names, conf: try postgresConf.map(Self.read))
    if postgres != API.PostgresSettings() { change.postgres = postgres }
    change.odoo = Self.limits(cpuShares, memory, memoryReservation, shm)
    change.database = Self.limits(dbCpuShares, dbMemory, dbMemoryReservation, dbShm)
    return change
  }

  private static func limits(_ cpu: Int?, _ memory: Int?, _ reservation: Int?, _ shm: Int?) -> API
    .ContainerLimits?
  {
    let limits = API.ContainerLimits(
      cpuShares: cpu, memoryMB: memory, memoryReservationMB: reservation, shmMB: shm)
    return limits == API.ContainerLimits() ? nil : limits
  }

  private static func read(_ file: String) throws -> String {
    let data: Data
    do {
      data =
        file == "-"
        ? FileHandle.standardInput.readDataToEndOfFile() : try Data(contentsOf: URL(filePath: file))
    } catch {
      throw CommandFailure(
        status: .usage, message: "\(file) cannot be read: \(error.localizedDescription)",
        next: "ls -l \(file)")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw CommandFailure(status: .usage, message: "\(file) is no UTF-8 text.", next: "file \(file)")
    }
    return text
  }
}

/// `--workers`: a number or `auto`.
struct WorkersOption: ExpressibleByArgument {
  let workers: API.SettingsChange.Workers

  init?(argument: String) {
    if argument == "auto" {
      workers = .automatic
    } else if let count = Int(argument) {
      workers = .fixed(count)
    } else {
      return nil
    }
  }
}

/// A list of names with commas, blanks or line feeds between them.
struct NamesOption: ExpressibleByArgument {
  let names: [String]

  init?(argument: String) {
    names = argument.split { $0.isWhitespace || $0 == "," }.map { String($0) }
  }
}

/// A list of Python packages with blanks or line feeds between them; a comma is a part of `requests>=2,<3`.
struct RequirementsOption: ExpressibleByArgument {
  let names: [String]

  init?(argument: String) {
    names = argument.split(whereSeparator: \.isWhitespace).map { String($0) }
  }
}

/// `--custom-module`: the address of a Git repository, and a branch of it behind `#`.
struct ModuleSourceOption: ExpressibleByArgument {
  let source: API.ModuleSource

  init?(argument: String) {
    let parts = argument.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    source = API.ModuleSource(repository: String(parts[0]), branch: parts.count > 1 ? String(parts[1]) : nil)
  }
}

/// `on` or `off`.
enum OnOff: String, ExpressibleByArgument, CaseIterable {
  case on, off
}
