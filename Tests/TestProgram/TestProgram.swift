import Foundation
import Logging
import Postgres
import Remote

/// A process that tests can kill: it does one thing until it is killed, and says on standard output when it has
/// begun.
@main
struct TestProgram {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    switch arguments.first {
    case "cluster": try await ownCluster(folder: arguments.dropFirst().joined())
    case "worker": try await work(address: arguments.dropFirst().joined())
    case "gate" where arguments.count == 3: SocketGate.serve(arguments[2], to: arguments[3])
    default: fatalError("usage: test-program cluster FOLDER | worker ADDRESS | gate PATH SOCKET")
    }
  }

  /// Starts a private cluster and owns it for ever.
  private static func ownCluster(folder: String) async throws {
    let cluster = try PrivateCluster(folder: folder, logger: Logger(label: "cluster"))
    try await cluster.start()
    print("ready \(await cluster.processID ?? 0)")
    fflush(nil)
    try await Task.sleep(for: .seconds(3_600))
  }
}
