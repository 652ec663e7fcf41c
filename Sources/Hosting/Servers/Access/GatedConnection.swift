import Docker
import Foundation
import Remote

/// The machine of the control plane as its owner of an epoch reaches it: through a gate that a new owner ends.
///
/// The gate serves the socket as which `bringEngine` is to bring the engine, so it is made there.
actor GatedConnection: ServerConnection {
  nonisolated let host: any Remote.Host = LocalHost()
  nonisolated let user = NSUserName()
  private let owner: FenceOwner
  private let program: String
  private let folder: String
  private let dockerSocket: String
  private var gate: LocalGate?

  init(owner: FenceOwner, program: String, folder: String, dockerSocket: String) {
    self.owner = owner
    self.program = program
    self.folder = folder
    self.dockerSocket = dockerSocket
  }

  /// - Throws: `DockerError.unreachable` where nothing answers behind the gate, of which the gate cannot tell.
  func connect() async throws {
    guard let gate else { return }
    if let error = DockerError(errno: LocalGate.reach(dockerSocket), socket: dockerSocket) { throw error }
    try await gate.open()
  }

  func bringEngine(as name: String) async throws {
    let gate =
      gate
      ?? LocalGate(
        owner: owner, program: program, path: "\(folder)/\(name)", target: dockerSocket)
    self.gate = gate
    try await gate.open()
  }

  func close() async {
    await gate?.close()
  }
}
