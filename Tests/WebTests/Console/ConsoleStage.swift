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
    files: ConsoleFiles = .besideProgram,
    onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
  ) throws -> WebServer {
    let admission = Admission(identities: hosting.identities, configuration: configuration)
    return try WebServer(
      doors: [
        ConsoleDoor(hosting: hosting, admission: admission, configuration: configuration, files: files)
      ],
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
    let folder = FileManager.default.temporaryDirectory.appending(path: "stage-\(UUID())")
    let files = try ConsoleFiles.naming(in: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let server = try WebServer.console(hosting, configuration: configuration, files: files) { channel in
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

extension ConsoleFiles {
  /// The console's files with templates, below `folder`, that say in a comment which they are: a browser test sees by it
  /// which of them it has seen.
  static func naming(in folder: URL) throws -> ConsoleFiles {
    var files = ConsoleFiles.besideProgram
    try FileManager.default.copyItem(at: files.templates, to: folder)
    files.templates = folder
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      guard let name = name.wholeMatch(of: /(.+)\.mustache/)?.1 else { continue }
      let file = folder.appending(path: "\(name).mustache")
      let text = try String(contentsOf: file, encoding: .utf8)
      // In a template that fills another one, what stands outside of the blocks is on no page.
      let named =
        if text.hasPrefix("{{<") {
          text.replacing(/\{\{\$[a-z]+\}\}/, maxReplacements: 1) { "\($0.0)\(mark(name))" }
        } else if text.contains("</body>") {
          text.replacing("</body>", with: "\(mark(name))</body>")
        } else {
          text + mark(name)
        }
      try named.write(to: file, atomically: true, encoding: .utf8)
    }
    return files
  }

  private static func mark(_ name: Substring) -> String { "<!-- template: \(name) -->" }
}
