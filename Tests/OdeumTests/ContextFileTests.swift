import Client
import Foundation
import Testing

@testable import odeum

@Suite struct ContextFileTests {
  private let location = FileManager.default.temporaryDirectory
    .appending(path: "odeum-tests-\(UUID().uuidString)/odeum/config.json")

  private func file(_ contexts: ContextFile.Context...) -> ContextFile {
    var file = ContextFile()
    for context in contexts { file.use(context) }
    return file
  }

  private let home = ContextFile.Context(name: "home", url: "http://127.0.0.1:8600", token: "odeum_home")
  private let work = ContextFile.Context(name: "work", url: "https://odeum.example.com", token: "odeum_work")

  @Test func `the file comes back as it was written, readable by its owner only`() throws {
    defer {
      try? FileManager.default.removeItem(
        at: location.deletingLastPathComponent().deletingLastPathComponent())
    }
    #expect(try ContextFile.read(location) == ContextFile())
    try file(home, work).write(location)
    try file(home, work).write(location)
    #expect(try ContextFile.read(location) == file(home, work))
    let attributes = try FileManager.default.attributesOfItem(atPath: location.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let folder = location.deletingLastPathComponent()
    #expect(try FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions] as? Int == 0o700)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["config.json"])
  }

  @Test func `a damaged file is said to be damaged, with what to do`() throws {
    defer {
      try? FileManager.default.removeItem(
        at: location.deletingLastPathComponent().deletingLastPathComponent())
    }
    try file(home).write(location)
    try Data("{".utf8).write(to: location)
    let failure = #expect(throws: CommandFailure.self) { try ContextFile.read(location) }
    #expect(failure?.message.contains("is damaged") == true)
    #expect(failure?.next?.contains("odeum login") == true)
  }

  @Test func `the file lies where XDG says, and a relative path there is ignored`() {
    #expect(ContextFile.location(["XDG_CONFIG_HOME": "/x"]).path == "/x/odeum/config.json")
    #expect(ContextFile.location(["XDG_CONFIG_HOME": "x"]).path.hasSuffix("/.config/odeum/config.json"))
    #expect(ContextFile.location(["HOME": "/h"]).path == "/h/.config/odeum/config.json")
  }

  @Test func `the last one signed in to is in use, and signing in again replaces it`() throws {
    var file = file(home, work)
    #expect(file.current == "work")
    file.use(ContextFile.Context(name: "home", url: home.url, token: "new"))
    #expect(file.contexts.map(\.token) == ["new", "odeum_work"])
    #expect(try file.context(nil)?.token == "new")
    let failure = #expect(throws: CommandFailure.self) { try file.context("nowhere") }
    #expect(failure?.status == .usage)
  }

  @Test func `the environment takes the place of the context`() throws {
    let file = file(home, work)
    func connection(_ environment: [String: String], context: String? = nil) throws -> (String, String?) {
      let connection = try Connection(context: context, file: file, environment: environment)
      return (connection.address.description, connection.token?.secret)
    }
    #expect(try connection([:]) == ("https://odeum.example.com", "odeum_work"))
    #expect(try connection([:], context: "home") == ("http://127.0.0.1:8600", "odeum_home"))
    #expect(try connection(["ODEUM_TOKEN": "t"]) == ("https://odeum.example.com", "t"))
    #expect(
      try connection(["ODEUM_URL": "https://other.example.com", "ODEUM_TOKEN": "t"]) == (
        "https://other.example.com", "t"
      ))
    #expect(try connection(["ODEUM_URL": "127.0.0.1:8600/"]) == ("http://127.0.0.1:8600", "odeum_home"))
    #expect(
      try connection(["ODEUM_URL": "", "ODEUM_TOKEN": ""]) == ("https://odeum.example.com", "odeum_work"))
  }

  @Test func `a token never goes to an address that it is not for`() throws {
    let connection = try Connection(
      context: nil, file: file(home, work), environment: ["ODEUM_URL": "https://evil.example.com"])
    #expect(connection.token == nil)
  }

  @Test func `without any server the first step is named`() {
    let failure = #expect(throws: CommandFailure.self) {
      try Connection(context: nil, file: ContextFile(), environment: [:])
    }
    #expect(failure?.next?.hasPrefix("odeum login ") == true)
  }
}
