import Docker
import Foundation

extension Reconciliation {
  /// What the containers of an instance say of its status.
  static func status(of recorded: RecordedInstance, _ seen: SeenServer) -> [Finding] {
    let parts = Parts(recorded, seen)
    if let loss = parts.lostData { return loss }
    return switch recorded.instance.desired {
    case .running: parts.findingsWhereItShouldRun
    case .stopped: parts.findingsWhereItShouldNot
    }
  }

  /// An instance and its two containers.
  private struct Parts {
    let instance: Instance
    let odoo: SeenContainer?
    let database: SeenContainer?
    let ends: Int
    /// Names of volumes that should be there and are not.
    let missingVolumes: [String]

    init(_ recorded: RecordedInstance, _ seen: SeenServer) {
      instance = recorded.instance
      odoo = seen.container(of: instance.id, .odoo)
      database = seen.container(of: instance.id, .database)
      ends = odoo.flatMap { seen.restarts[$0.thing.id] } ?? 0
      let own = Set(seen.volumes.filter { [id = instance.id] in $0.instance == id }.map(\.name))
      let volumes = recorded.instance.appliedSettings.map { applied in
        [recorded.instance.parts.cluster, recorded.instance.filesVolume(with: applied)]
      }
      missingVolumes = volumes?.filter { !own.contains($0) } ?? []
    }

    var mark: Finding.InstanceMark { .init(id: instance.id, name: instance.name, status: instance.status) }

    /// A verdict of the watcher: it may be revised by another look, while what an operation said stays.
    var isOwnVerdict: Bool { instance.statusJob == nil }

    /// The data are gone. An operation that is not about data must not begin with new ones.
    var lostData: [Finding]? {
      guard !missingVolumes.isEmpty, [.running, .stopped, .failed].contains(instance.status) else {
        return nil
      }
      let volumes = missingVolumes.map { "\($0) (\($0 == names.cluster ? "database" : "files"))" }
      let plural = volumes.count > 1
      let reason =
        "The volume\(plural ? "s" : "") \(volumes.joined(separator: " and ")) \(plural ? "are" : "is") gone from "
        + "\(instance.server.name). Nothing is made in \(plural ? "their" : "its") place, since that would be empty: "
        + "put the data back on the server, or remove the instance: odeum instance rm \(instance.name)"
      guard instance.status != .failed || instance.statusReason != reason else { return [] }
      return [.status(mark, .failed, .text(reason))]
    }

    var names: PartNames { instance.parts }

    var findingsWhereItShouldRun: [Finding] {
      let odooRuns = odoo?.isRunning ?? false
      let databaseRuns = database?.isRunning ?? false
      // Where Docker is about to start it once more, it ended just now.
      if let odoo, odooRuns || odoo.status == .restarting, ends >= CrashLoops.ends,
        [.running, .restarting].contains(instance.status) || (instance.status == .failed && isOwnVerdict)
      {
        return [.crashLoop(mark, container: odoo.thing.id, ends: ends)]
      }
      switch instance.status {
      case .running where odooRuns && databaseRuns: return []
      case .restarting where odooRuns && databaseRuns:
        return [.mayAnswer(mark, "Answers again after it ended by itself.")]
      case .failed where odooRuns && databaseRuns: return [.mayAnswer(mark, "Answers again.")]
      case .stopped where odooRuns && databaseRuns:
        return [.mayAnswer(mark, "Its containers were started on \(instance.server.name).")]
      case .running, .restarting: return down(databaseRuns: databaseRuns)
      case .failed where isOwnVerdict && wentDownTogether: return [.startAgain(mark)]
      // A container that is removed by force ends first.
      case .failed
      where isOwnVerdict && (odoo == nil) != (database == nil) && instance.statusReason != removed:
        return [.status(mark, .failed, .text(removed))]
      default: return []
      }
    }

    /// It should run, and counts as if it did, and at least one of its containers does not.
    private func down(databaseRuns: Bool) -> [Finding] {
      guard let odoo, let database else { return [.status(mark, .failed, .text(removed))] }
      if wentDownTogether { return [.startAgain(mark)] }
      if odoo.status == .restarting {
        guard instance.status != .restarting else { return [] }
        return [
          .status(
            mark, .restarting,
            .text("Odoo ended by itself and is started again, since auto restart is on."))
        ]
      }
      if !odoo.isRunning {
        return [.status(mark, .failed, .end(of: odoo.thing.id, with: odoo.details?.exitCode ?? 0))]
      }
      let text =
        database.status == .restarting
        ? "PostgreSQL ends again and again. Read its log: odeum instance logs \(instance.name) --source database"
        : "Its database container is not running. Start it: odeum instance start \(instance.name)"
      return [.status(mark, .failed, .text(text))]
    }

    /// Whether both containers ended at the same time, with their server or its Docker: both are down, or the one
    /// that runs was started after the other one's end, which Docker does by itself only then.
    private var wentDownTogether: Bool {
      guard let odoo, let database else { return false }
      guard odoo.status != .restarting, database.status != .restarting else { return false }
      switch (odoo.isRunning, database.isRunning) {
      case (false, false): return true
      case (false, true): return odoo.ended(before: database)
      case (true, false): return database.ended(before: odoo)
      case (true, true): return false
      }
    }

    private var removed: String {
      let missing = [odoo == nil ? names.odoo : nil, database == nil ? names.database : nil].compactMap(
        \.self)
      let plural = missing.count > 1
      return
        "The container\(plural ? "s" : "") \(missing.joined(separator: " and ")) \(plural ? "were" : "was") "
        + "removed from \(instance.server.name) behind Odeum's back; the data are still there. "
        + "Make \(plural ? "them" : "it") anew: odeum instance restart \(instance.name) --hard"
    }

    /// Nobody is stopped who was started by hand: it is told.
    var findingsWhereItShouldNot: [Finding] {
      let odooRuns = odoo?.isRunning ?? false
      switch instance.status {
      case .stopped where odooRuns:
        let text =
          "Its containers were started on \(instance.server.name), not by Odeum, which leaves them running. "
          + "Stop it: odeum instance stop \(instance.name)"
        return [.status(mark, .running, .text(text))]
      case .running where !odooRuns:
        return [.status(mark, .stopped, .text("Its containers are stopped; its data are kept."))]
      default: return []
      }
    }
  }
}

extension SeenContainer {
  /// Whether this one, which is down, ended before the present run of `other` began.
  fileprivate func ended(before other: SeenContainer) -> Bool {
    guard let end = details?.finishedAt, let start = other.details?.startedAt else { return false }
    return end < start
  }
}
