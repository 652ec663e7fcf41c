import Foundation
import Logging
import NIOCore
import ServiceLifecycle
import Testing

@testable import Web

extension WebServer {
  /// A server with the console alone, over a played domain.
  static func console(
    _ hosting: PlayedHosting, configuration: WebConfiguration = WebConfiguration(),
    onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
  ) throws -> WebServer {
    let admission = Admission(identities: hosting.identities, configuration: configuration)
    return try WebServer(
      doors: [ConsoleDoor(hosting: hosting, admission: admission, configuration: configuration)],
      admission: admission, health: Health { .init(isReady: true, reason: "Played.") },
      configuration: configuration,
      logger: Logger(label: "console", factory: { _ in SwiftLogNoOpLogHandler() }),
      onServerRunning: onServerRunning)
  }
}

/// Not a test: the stage on which the browser tests play. `ODEUM_CONSOLE_STAGE` names a file into which the address is
/// written; the stage is struck when that file is gone.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["ODEUM_CONSOLE_STAGE"] != nil)) struct ConsoleStage {
  @Test func `stage`() async throws {
    let file = try #require(ProcessInfo.processInfo.environment["ODEUM_CONSOLE_STAGE"])
    var configuration = WebConfiguration()
    configuration.port = 0
    let hosting = PlayedHosting(pace: .milliseconds(250))
    hosting.find()
    let server = try WebServer.console(hosting, configuration: configuration) { channel in
      let address = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"
      try? address.write(toFile: file, atomically: true, encoding: .utf8)
    }
    let group = ServiceGroup(
      configuration: .init(services: [.init(service: server.application)], logger: Logger(label: "stage")))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      tasks.addTask {
        // The address appears once the server listens, and goes when the browser tests are over.
        var wasThere = false
        while true {
          try await Task.sleep(for: .milliseconds(200))
          let isThere = FileManager.default.fileExists(atPath: file)
          if wasThere && !isThere { break }
          wasThere = isThere
        }
        await group.triggerGracefulShutdown()
      }
      try await tasks.waitForAll()
    }
  }
}
