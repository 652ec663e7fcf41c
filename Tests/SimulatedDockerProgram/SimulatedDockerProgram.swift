import Foundation
import SimulatedDocker

@testable import SimulatedFleet

/// A simulation of a Docker engine, at a Unix socket, for tests of the real control plane: containers of instances are
/// made, started and removed within moments, and nothing runs in them. What they publish on the host is answered there, as
/// Odoo and Mailpit would; every other command of Odeum's runs on the real host.
///
///     simulated-docker SOCKET
///
/// Says `ready` when it serves, and goes on until it is killed.
@main
enum SimulatedDockerProgram {
  static func main() async throws {
    guard CommandLine.arguments.count == 2 else {
      FileHandle.standardError.write(Data("usage: simulated-docker SOCKET\n".utf8))
      exit(2)
    }
    // Fast, and still slow enough for somebody to meet an operation under way.
    let machine = SimulatedMachine("simulated", haste: 100)
    machine.engine.rootFolder = "/var/lib"
    let server = EngineServer(engine: machine.engine, ports: PublishedPorts(of: machine))
    try await server.serve(at: CommandLine.arguments[1]) {
      print("ready")
      fflush(nil)
    }
  }
}
