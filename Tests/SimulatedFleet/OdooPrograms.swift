import Foundation
import SimulatedDocker
import Synchronization

/// What the containers of instances do: PostgreSQL, Odoo, the runs that prepare a database, and the copying of one. Data
/// are a few words in volumes, enough to tell a database that was made from one that was not, and one from another.
struct OdooPrograms: SimulatedPrograms {
  /// By how much everything takes less long than in the world: more than 1 where time is real and dear.
  var haste = 1
  /// How long a disk takes to write everything down.
  var writingDown: Duration?
  /// How many of the next starts of Odoo end at once, and without a word.
  let stumbles = Counter()
  /// How many of the next questions for a page of Odoo are not answered.
  let silences = Counter()
  /// A module with which no Odoo comes up, and one with which it runs and never answers.
  static let poison = "poison"
  static let wax = "wax"

  /// What a registry has of them.
  static func images(haste: Int = 1) -> [SimulatedImage] {
    (14...19).map {
      SimulatedImage(
        "odoo:\($0).0", id: id(100 + $0), entrypoint: ["/entrypoint.sh"], command: ["odoo"],
        volumes: ["/var/lib/odoo", "/mnt/extra-addons"], size: 1_800_000_000, pullTime: .seconds(20) / haste)
    }
      + (12...18).map {
        SimulatedImage(
          "postgres:\($0)", id: id(200 + $0), entrypoint: ["docker-entrypoint.sh"], command: ["postgres"],
          stopSignal: "SIGINT", volumes: ["/var/lib/postgresql/data"], size: 400_000_000,
          pullTime: .seconds(8) / haste)
      }
      + [
        SimulatedImage(
          "axllent/mailpit:latest", id: id(300), entrypoint: ["/mailpit"], size: 30_000_000,
          pullTime: .seconds(1) / haste)
      ]
  }

  private static func id(_ number: Int) -> String {
    "sha256:" + String(repeating: "0", count: 61) + String(number)
  }

  private static let cluster = "/var/lib/postgresql/data"
  /// How long PostgreSQL and Odoo take until they answer.
  private var postgresStart: Duration { .milliseconds(800) / haste }
  private var odooStart: Duration { .seconds(4) / haste }

  // MARK: - Containers

  func program(of container: ContainerView, volumes: VolumeAccess) -> SimulatedProgram {
    let words = container.words
    switch true {
    case _ where words.contains("postgres"): return postgres(container, volumes)
    case _ where words.contains { $0.contains("exec odoo --config=") }: return server(container)
    case _ where words.contains { $0.contains("| odoo ") }: return initialisation(container)
    case _ where words.contains { $0.contains("cp -a --reflink=auto /from/cluster/. /to/cluster/") }:
      return copy(volumes)
    case _ where words == ["/mailpit"]: return .running(endedBy: ["SIGTERM"])
    default: return .ending(127)
    }
  }

  private func postgres(_ container: ContainerView, _ volumes: VolumeAccess) -> SimulatedProgram {
    let isThere = volumes.contents[Self.cluster]?.isEmpty == false
    guard isThere || container.environment["POSTGRES_PASSWORD"] != nil else {
      var program = SimulatedProgram.ending(1, after: .milliseconds(200) / haste)
      program.writings = [
        .init("Error: Database is uninitialized and superuser password is not specified.\n", isError: true)
      ]
      return program
    }
    return .running(endedBy: ["SIGINT", "SIGTERM"], after: .milliseconds(400) / haste)
  }

  private func server(_ container: ContainerView) -> SimulatedProgram {
    if Self.conf(of: container).contains(Self.poison) || stumbles.countDown() { return .ending(1) }
    var program = SimulatedProgram.running(endedBy: ["SIGTERM", "SIGINT"], after: .milliseconds(900) / haste)
    program.writings = [
      .init("2027-01-15 08:00:00,000 1 INFO ? odoo.service.server: HTTP service running\n", after: odooStart)
    ]
    return program
  }

  private static func conf(of container: ContainerView) -> String {
    String(decoding: container.files["/etc/odoo/odoo.conf"] ?? [], as: UTF8.self)
  }

  private func initialisation(_ container: ContainerView) -> SimulatedProgram {
    var program = SimulatedProgram.ending(0, after: .seconds(25) / haste)
    program.writings = [
      .init(
        "2027-01-15 08:00:00,000 1 INFO prepared odoo.modules.loading: Loading module base (1/1)\n",
        after: .seconds(3) / haste),
      .init(
        "2027-01-15 08:00:20,000 1 INFO prepared odoo.modules.loading: Modules loaded.\n",
        after: .seconds(24) / haste),
    ]
    program.effect = { $0.contents["/var/lib/odoo", default: [:]]["initialised"] = "yes" }
    return program
  }

  /// What it leaves is what it was given: a cluster and files that were made together.
  private func copy(_ volumes: VolumeAccess) -> SimulatedProgram {
    var program = SimulatedProgram.ending(0, after: .seconds(2) / haste)
    program.effect = { volumes in
      volumes.contents["/to/cluster"] = volumes.contents["/from/cluster"]
      volumes.contents["/to/files"] = volumes.contents["/from/files"]
    }
    return program
  }

  // MARK: - Programs in containers

  func exec(
    _ words: [String], environment: [String: String], in container: ContainerView, volumes: VolumeAccess
  ) -> SimulatedExec {
    let isUp = container.age >= postgresStart
    switch words.first {
    case "pg_isready": return SimulatedExec(isUp ? 0 : 2, after: .milliseconds(20) / haste)
    case "sync": return SimulatedExec(0, after: writingDown ?? .milliseconds(300) / haste)
    case "sh" where words.contains { $0.contains("psql") }:
      guard isUp else {
        return SimulatedExec(
          2, errors: "psql: error: connection to server failed\n", after: .milliseconds(20) / haste)
      }
      var exec = SimulatedExec(0, after: .milliseconds(150) / haste)
      exec.effect = { $0.contents[Self.cluster, default: [:]]["cluster"] = "made" }
      return exec
    default:
      return SimulatedExec(127, output: "exec: \"\(words.first ?? "")\": executable file not found in $PATH")
    }
  }

  // MARK: - Pages

  /// The HTTP status of Odoo's pages in a container that has their port.
  func httpStatus(of container: SimulatedEngine.Look, on engine: SimulatedEngine) -> String {
    guard container.view.words.contains(where: { $0.contains("exec odoo --config=") }),
      container.view.age >= odooStart,
      container.view.files.keys.contains("/etc/odoo/odoo.conf"),
      !Self.conf(of: container.view).contains(Self.wax), !silences.countDown()
    else { return "000" }
    let database = engine.container(on: container.networks, runs: "postgres")
    guard let database, database.view.age >= postgresStart else { return "500" }
    let isWhole = database.volumes.contents[Self.cluster]?["cluster"] == "made"
    return isWhole && container.volumes.contents["/var/lib/odoo"]?["initialised"] == "yes" ? "200" : "500"
  }
}

/// A number that is counted down.
final class Counter: Sendable {
  private let left = Mutex(0)

  func set(_ number: Int) {
    left.withLock { $0 = number }
  }

  /// Whether there was something left to be counted.
  func countDown() -> Bool {
    left.withLock { left in
      guard left > 0 else { return false }
      left -= 1
      return true
    }
  }
}
