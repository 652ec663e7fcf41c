import Foundation
import Jobs
import Postgres

extension Hosting {
  /// Binds the server `local` to the machine on which the control plane runs first, so that no process elsewhere takes
  /// its own machine for it. One that holds no instances follows the control plane to another machine; one that does
  /// is left to the operator.
  func bindLocalServer() async throws {
    guard let local = try await serverStore.all(atOnce).first(where: { $0.kind == .local }) else { return }
    let machine = try await jobs.machine(ofLane: local.id)
    if machine == configuration.machine { return }
    if machine == nil || local.instances == 0 {
      return try await jobs.bindLane(local.id, to: configuration.machine)
    }
    logger.warning(
      """
      The server \(local.name) is another machine than this one, and is left alone by this process. If its machine was \
      replaced by this one, take it over: odeumd admin adopt-local
      """)
  }

  /// Makes this machine the server `local`, in the place of another one that is gone.
  ///
  /// - Returns: the server's name.
  public func adoptLocalServer() async throws -> String {
    guard let local = try await serverStore.all(atOnce).first(where: { $0.kind == .local }) else {
      throw HostingError(.notFound, "There is no server that is the machine of the control plane.")
    }
    if let actor = try await Self.firstOperator(database) {
      try await note(.adoptServer, .server(local), by: actor, atOnce)
    }
    try await jobs.bindLane(local.id, to: configuration.machine)
    return local.name
  }
}
