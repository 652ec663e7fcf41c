import ArgumentParser
import Client
import Foundation

/// `odeum open NAME`
struct Open: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Open an instance in the browser; prints its address where there is none.")

  @OptionGroup var instance: InstanceArgument
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let found = try await common.connected { client in
      try await client.asking(about: instance.name) { try await client.send(.instance(instance.name)) }
    }
    if common.json { return Terminal.output.json(found.body) }
    Terminal.output.line(found.value.url)
    if found.value.status != "running" {
      Terminal.messages.line("It is \(found.value.status): \(Columns.harmless(found.value.statusReason))")
      return
    }
    try Self.browse(found.value.url)
  }

  /// Hands `url` to the desktop, if there is one.
  private static func browse(_ url: String) throws {
    #if os(macOS)
      let program = "/usr/bin/open"
    #else
      let environment = ProcessInfo.processInfo.environment
      guard environment["DISPLAY"] != nil || environment["WAYLAND_DISPLAY"] != nil else { return }
      let program = "/usr/bin/xdg-open"
    #endif
    guard FileManager.default.isExecutableFile(atPath: program) else { return }
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = [url]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw CommandFailure(
        status: .fault, message: "\(program) does not start: \(error.localizedDescription)",
        next: "open \(url) by hand")
    }
  }
}
