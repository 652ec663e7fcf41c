import Foundation
import Odoo

/// One thing in which what was seen on a server differs from what the database says, and so what is to be done.
enum Finding: Sendable, Hashable {
  /// The status of an instance is another one.
  case status(InstanceMark, InstanceStatus, Reason)
  /// An instance should run, and its containers are down together: its server or Docker was restarted.
  case startAgain(InstanceMark)
  /// The containers of an instance run that does not count as running. Whether it answers is to be asked.
  case mayAnswer(InstanceMark, String)
  /// Odoo's container ends again and again.
  case crashLoop(InstanceMark, container: String, ends: Int)
  /// An instance comes from a backup of the control plane: what the server has of it is newer.
  case adopt(InstanceMark, odooRuns: Bool?, databaseRuns: Bool?)
  /// The parts of an instance differ from what they should be in another way than was known.
  case drift(InstanceMark, [Difference])
  /// The host has something of an instance that was removed.
  case remains(of: UUID, name: String, [SeenThing])
  /// The host has something of this installation that the database does not know.
  case stray(SeenThing)
  /// The host has a prepared database that the database does not know.
  case forgottenPreparation(String)

  /// An instance as it was when it was judged: nothing is done to it when it is another by then.
  struct InstanceMark: Sendable, Hashable {
    var id: UUID
    var name: Slug
    var status: InstanceStatus
  }

  /// Why a status is what it is.
  enum Reason: Sendable, Hashable {
    /// That is known.
    case text(String)
    /// Odoo ended with this exit status in this container, whose log says why.
    case end(of: String, with: Int)
  }

  /// How it must be seen a second time before anything follows from it.
  var confirmation: Confirmation? {
    switch self {
    // Who stops Docker or the server ends Odoo without an error.
    case .status(_, .failed, .end(_, with: let status)) where status != 0: .atOnce
    case .status, .startAgain, .drift: .later
    case .adopt, .mayAnswer, .crashLoop, .remains, .stray, .forgottenPreparation: nil
    }
  }

  /// The second look at what was found.
  enum Confirmation {
    /// An operation may have ended between the first look and the reading of the database.
    case atOnce
    /// Docker may be in the middle of its own work besides.
    case later
  }
}

/// Compares what the database says with what a server was seen to have. It asks and changes nothing.
enum Reconciliation {
  /// Everything in which `seen` differs from `database`, instances by name first.
  static func plan(database: Recorded, seen: SeenServer) -> [Finding] {
    var findings: [Finding] = []
    for recorded in database.instances where recorded.instance.activeJob == nil {
      guard !recorded.isRestored else {
        findings.append(adoption(of: recorded.instance, seen))
        continue
      }
      findings += status(of: recorded, seen)
      if let differences = drift(of: recorded, seen) { findings.append(differences) }
    }
    return findings + unowned(database, seen)
  }

  private static func adoption(of instance: Instance, _ seen: SeenServer) -> Finding {
    .adopt(
      Finding.InstanceMark(id: instance.id, name: instance.name, status: instance.status),
      odooRuns: seen.container(of: instance.id, .odoo)?.isRunning,
      databaseRuns: seen.container(of: instance.id, .database)?.isRunning)
  }

  /// What belongs to no living instance of this server, and to no prepared database.
  private static func unowned(_ database: Recorded, _ seen: SeenServer) -> [Finding] {
    let living = Set(database.instances.map(\.instance.id))
    var remains: [UUID: [SeenThing]] = [:]
    var strays: [SeenThing] = []
    var forgotten: Set<String> = []
    for thing in seen.things {
      if let instance = thing.instance {
        if thing.kind == .folder, !thing.isInItsPlace {
          strays.append(thing)
        } else if living.contains(instance) {
          continue
        } else if database.removed[instance] != nil {
          remains[instance, default: []].append(thing)
        } else {
          strays.append(thing)
        }
      } else if let key = thing.prepared {
        if !database.prepared.contains(key) { forgotten.insert(key) }
      } else {
        strays.append(thing)
      }
    }
    return remains.sorted { $0.key.uuidString < $1.key.uuidString }.map { id, things in
      .remains(of: id, name: database.removed[id] ?? "", things)
    } + strays.map { .stray($0) } + forgotten.sorted().map { .forgottenPreparation($0) }
  }
}
