import Foundation
import Jobs
import Odoo

/// Reads and writes servers. Rules are not here.
///
/// What is given a transaction happens in it, the rest at once.
protocol ServerStore: Sendable {
  /// The servers that `organisation` may use, by name: its own, and those of the operator that are shared
  /// with it; for the operator all of the operator's.
  func list(for organisation: UUID, isOperator: Bool, _ transaction: (any Transaction)?) async throws
    -> [Server]

  /// The server that `reference` (name or id) names among those that `organisation` may use.
  func find(
    _ reference: String, for organisation: UUID, isOperator: Bool, _ transaction: (any Transaction)?
  ) async throws -> Server?

  /// Every server of the installation on which something may be done.
  func all(_ transaction: (any Transaction)?) async throws -> [Server]

  /// The identities and names of `all`, without what their instances reserve, which takes longest to read.
  func watchable(_ transaction: (any Transaction)?) async throws -> [(id: UUID, name: String)]

  /// The server `id`, whosever it is.
  func get(_ id: UUID, _ transaction: (any Transaction)?) async throws -> Server?

  /// What living instances of `organisation` reserve on `servers`; of only those where `ids` are given.
  func load(
    of servers: [Server], by organisation: UUID, only ids: [UUID]?, _ transaction: (any Transaction)?
  ) async throws -> [UUID: ServerLoad]

  // MARK: - Writing

  /// Puts a new server in.
  ///
  /// - Throws: `PostgresError` with constraint `servers_name` or `servers_address` where another server of its owner has
  ///   one of these.
  func insert(_ server: Server, privateKey: Data, _ transaction: (any Transaction)?) async throws

  /// Saves what people may change of a server. A server whose way in was changed must be validated anew.
  ///
  /// - Throws: as `insert`.
  func update(
    _ server: Server, privateKey: Data?, isReachedAnew: Bool, _ transaction: (any Transaction)?
  ) async throws

  /// Says with which organisations a server of the operator's is shared.
  func setShares(_ id: UUID, _ organisations: [UUID], _ transaction: (any Transaction)?) async throws

  /// Says which folders a server offers to its instances, and keeps others from relying on them until the transaction ends.
  func setFolders(
    _ id: UUID, shared: [HostFolder], filestores: [HostFolder], _ transaction: (any Transaction)?
  ) async throws

  /// Keeps the server from being removed, and the folders that it offers as they are, until the transaction ends.
  ///
  /// - Throws: `HostingError` with code `conflict` where it was removed meanwhile.
  func hold(_ id: UUID, _ transaction: (any Transaction)?) async throws

  /// Says what the people who run it want with it.
  func setMode(_ id: UUID, _ mode: Server.Mode, _ transaction: (any Transaction)?) async throws

  /// Notes what was seen of a server.
  func setSeen(
    _ id: UUID, _ status: Server.Status, reason: String, facts: ServerFacts?,
    _ transaction: (any Transaction)?
  ) async throws

  /// Notes that a server was found fit as it is reached now, or with nil that it was not.
  func setValidated(_ id: UUID, at date: Date?, _ transaction: (any Transaction)?) async throws

  /// The machine that was behind the server when it was validated.
  func machine(of id: UUID, _ transaction: (any Transaction)?) async throws -> String?

  /// Notes which machine is behind the server.
  ///
  /// - Throws: `PostgresError` with constraint `servers_machine` where it is behind another server too.
  func setMachine(_ id: UUID, _ machine: String, _ transaction: (any Transaction)?) async throws

  /// The living server with the machine `machine` behind it, but for `id`, whosever it is.
  func server(withMachine machine: String, but id: UUID, _ transaction: (any Transaction)?) async throws
    -> Server?

  /// The sealed private key of the server.
  func privateKey(of id: UUID, _ transaction: (any Transaction)?) async throws -> Data?

  /// Takes the server out of everything that is listed, with its key. Tombstones of its instances keep the row.
  func bury(_ id: UUID, _ transaction: (any Transaction)?) async throws

  /// The names of servers, also of those that are gone.
  func names(of ids: [UUID], _ transaction: (any Transaction)?) async throws -> [UUID: String]
}

extension InstanceSettings {
  /// What an instance with these settings may come to need on a server with so many cores.
  func demand(stage: Stage, cores: Int) -> Sizing.Demand {
    let limits = [odoo.memoryMB, database.memoryMB]
    return Sizing.Demand(
      workers: workers ?? stage.advisedWorkers(cores: cores),
      // Without a limit on both, the sum of the limits says nothing.
      memoryLimit: limits.contains(0) ? 0 : limits.reduce(0, +))
  }
}
