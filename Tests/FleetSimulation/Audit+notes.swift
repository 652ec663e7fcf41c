import Foundation
import Jobs

@testable import Hosting
@testable import JobsTesting
@testable import SimulatedFleet

extension Audit {
  /// What the audit log tells is what was asked for: one entry for every operation, for every saving of settings and
  /// for whatever was called off, and none for what did not happen.
  func lookAtNotes() async throws {
    let (jobs, notes) = try await world.database.transaction { [world] transaction in
      (
        world.jobs.allJobs(in: transaction) { _ in true },
        world.tables.audit.all(in: transaction).map(\.row)
      )
    }
    let calledOff = Set(
      notes.filter { $0.action == AuditAction.cancelOperation.rawValue }.compactMap(\.subject.id))
    var balance: [Line: Int] = [:]
    for job in jobs {
      guard let action = Self.actions[job.kind], let subject = job.options.subject else { continue }
      balance[Line(subject: subject, action: action), default: 0] += 1
      if job.isCancelRequested, job.supersededBy == nil, !calledOff.contains(job.id) {
        world.violated("the audit log does not tell who called the job \(job.id) off")
      }
    }
    let instances = await world.livingInstances()
    for instance in instances where instance.settingsRevision > 1 {
      balance[Line(subject: instance.id, action: .changeSettings)] = instance.settingsRevision - 1
    }
    let living = Set(instances.map(\.id))
    for note in notes {
      guard let subject = note.subject.id, let action = AuditAction(rawValue: note.action) else { continue }
      // How often settings of those were saved that are gone is not kept.
      if action == .changeSettings, !living.contains(subject) { continue }
      guard action == .changeSettings || Self.actions.values.contains(action) else { continue }
      balance[Line(subject: subject, action: action), default: 0] -= 1
    }
    for (line, difference) in balance.sorted(by: { "\($0.key)" < "\($1.key)" }) where difference != 0 {
      world.violated(
        "the audit log has \(abs(difference)) entries \(difference > 0 ? "too few" : "too many") of "
          + "\(line.action.rawValue) of \(line.subject)")
    }
    for (organisation, notes) in Dictionary(grouping: notes, by: \.organisation) {
      for (index, note) in notes.enumerated() where note.id != index + 1 {
        world.violated("the audit log of \(organisation?.uuidString ?? "nobody") has no entry \(index + 1)")
      }
    }
    world.tally.withLock { $0["entries in the audit log"] = notes.count }
  }

  private struct Line: Hashable {
    var subject: UUID
    var action: AuditAction
  }

  private static func action<J: InstanceJob>(_ type: J.Type) -> (String, AuditAction) { (J.kind, J.action) }

  private static let actions = Dictionary(
    uniqueKeysWithValues: [
      action(CreateInstance.self), action(StartInstance.self), action(StopInstance.self),
      action(RestartInstanceSoft.self), action(RestartInstanceHard.self), action(RemoveInstance.self),
    ])
}
