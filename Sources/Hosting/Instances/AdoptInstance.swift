import Foundation
import Postgres

/// Takes over what a server has of an instance after the control plane was restored from a backup: the server is
/// newer than the database. Nothing is started, stopped or removed.
struct Adoption: Sendable, Equatable {
  var status: InstanceStatus
  /// Whether it should run from now on; nil for as it was.
  var desired: DesiredState?
  /// Why; nil for the reason that it had.
  var reason: String?

  /// What to say of an instance of which that was seen.
  ///
  /// - Parameters:
  ///   - status: what the backup says.
  ///   - odoo: whether Odoo's container runs, nil where there is none.
  ///   - database: the same of the database's container.
  ///   - answers: whether Odoo answers.
  init(from status: InstanceStatus, odoo: Bool?, database: Bool?, answers: Bool, server: String) {
    switch (odoo, database) {
    case (nil, nil):
      self.init(
        .failed,
        "\(server) has no container of it: it was removed after the backup from which the control plane was restored, "
          + "or was never finished. Remove it here too, or create it again.")
    case (true?, true?):
      self.init(
        answers ? .running : .failed,
        answers ? "Answers." : "Its containers run, and it does not answer yet.", desired: .running)
    case (false?, false?) where status != .failed:
      self.init(
        .stopped,
        "Was found stopped when the control plane was restored from a backup. Start it if it should run.",
        desired: .stopped)
    case _ where status == .failed:
      self.init(.failed, nil)
    default:
      let missing = odoo == true ? "Its database container" : "Its Odoo container"
      self.init(.failed, "\(missing) was not running when the control plane was restored from a backup.")
    }
  }

  private init(_ status: InstanceStatus, _ reason: String?, desired: DesiredState? = nil) {
    self.status = status
    self.reason = reason
    self.desired = desired
  }
}

extension Hosting {
  /// Adopts an instance whose row comes from a backup. Each of its two containers runs, does not, or is not there.
  func adopt(_ instance: Instance, _ runtime: DockerRuntime, odooRuns: Bool?, databaseRuns: Bool?)
    async throws
  {
    let answers = odooRuns == true && databaseRuns == true ? try await runtime.answers(instance) : false
    let adoption = Adoption(
      from: instance.status, odoo: odooRuns, database: databaseRuns, answers: answers,
      server: instance.server.name)
    if try await instanceStore.adopt(instance.id, adoption, atOnce) {
      logger.notice("\(instance.name) was taken over as it is on its server: \(adoption.status.rawValue)")
    }
  }
}
