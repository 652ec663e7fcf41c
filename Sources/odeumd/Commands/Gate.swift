import ArgumentParser
import Remote

/// The process before the Docker engine of this machine: see `LocalGate`. Nobody but odeumd itself starts it.
struct Gate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate", abstract: "Stand between a process of the control plane and the Docker engine.",
    shouldDisplay: false)

  @Argument(help: "The socket to serve.")
  var path: String

  @Argument(help: "The socket behind it.")
  var socket: String

  func run() {
    SocketGate.serve(path, to: socket)
  }
}
