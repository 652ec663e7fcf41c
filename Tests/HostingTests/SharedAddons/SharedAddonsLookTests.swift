import Foundation
import Odoo
import Remote
import Testing

@testable import Hosting

/// What is found at a path of this very machine, with real links.
@Suite("Looking for shared addons") struct SharedAddonsLookTests {
  /// A folder of its own to lay things out in, by its real path.
  private struct Place: ~Copyable {
    let root: String

    init() throws {
      let path = NSTemporaryDirectory() + "shared-addons-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      root = try #require(realpath(path, nil).map { String(cString: $0) })
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func folder(_ path: String) throws {
      try FileManager.default.createDirectory(atPath: "\(root)/\(path)", withIntermediateDirectories: true)
    }

    func module(_ path: String) throws {
      try folder(path)
      try Data("{}".utf8).write(to: URL(filePath: "\(root)/\(path)/__manifest__.py"))
    }

    func link(_ path: String, to target: String) throws {
      try FileManager.default.createSymbolicLink(atPath: "\(root)/\(path)", withDestinationPath: target)
    }

    func look(_ path: String, in folder: String = "shared", own: [String] = ["/etc", "/nonexistent"])
      async throws
      -> SharedAddonsLook
    {
      let command = SharedAddonsLook.command(at: "\(root)/\(path)", in: "\(root)/\(folder)", own: own)
      let output = try await LocalHost().output(of: command, deadline: .seconds(30))
      return try #require(SharedAddonsLook(output: output, own: own.count))
    }

    /// Where the container finds it, below the folder.
    func inside(_ path: String, in folder: String = "shared", own: [String] = ["/etc"]) async throws -> String
    {
      try await look(path, in: folder, own: own).inside(
        HostFolder(text: "\(root)/\(folder)"), at: HostFolder(text: "\(root)/\(path)"), of: Slug("shop"),
        on: "web1")
    }

    func refusal(_ path: String, in folder: String = "shared", own: [String] = ["/etc"]) async throws
      -> HostingError?
    {
      do {
        _ = try await inside(path, in: folder, own: own)
        return nil
      } catch let error as HostingError {
        return error
      }
    }
  }

  @Test func `a folder with modules is found, the declared one itself and one in it`() async throws {
    let place = try Place()
    try place.module("shared/retail/loyalty")
    #expect(try await place.inside("shared") == "")
    #expect(try await place.inside("shared/retail") == "retail")
    let look = try await place.look("shared/retail")
    #expect(look.isFolder && look.hasModule && look.isReadable)
    #expect(look.realOwn == ["/etc"], "what is not there leads nowhere")
    #expect(try await !place.look("shared").hasModule, "a module must lie directly in it")
  }

  @Test func `a link in the folder is followed, and one that leads out of it is refused`() async throws {
    let place = try Place()
    try place.module("shared/releases/42/loyalty")
    try place.folder("shared-evil/x")
    try place.link("shared/current", to: "releases/42")
    try place.link("shared/absolute", to: "\(place.root)/shared/releases/42")
    #expect(try await place.inside("shared/current") == "releases/42")
    #expect(try await place.inside("shared/absolute") == "releases/42")
    try place.link("shared/etc", to: "/etc")
    try place.link("shared/up", to: "..")
    try place.link("shared/evil", to: "../shared-evil")
    try place.link("shared/deep", to: "current/../../..")
    for (path, target) in [
      ("etc", "/etc"), ("etc/ssl", "/etc/ssl"), ("up", place.root), ("evil", "\(place.root)/shared-evil"),
      ("evil/x", "\(place.root)/shared-evil/x"), ("deep", place.root),
    ] {
      let error = try await place.refusal("shared/\(path)")
      #expect(
        error?.message
          == "\(place.root)/shared/\(path) on web1 leads to \(target), which lies outside of \(place.root)/shared."
      )
      #expect(error?.code == .invalid && error?.fields.map(\.name) == ["sharedAddons"])
      #expect(error?.suggestion?.contains("odeum instance settings shop --shared-addons ''") == true)
    }
  }

  @Test func `a declared folder may be a link, but not to what stays the host’s own`() async throws {
    let place = try Place()
    try place.module("data/retail/loyalty")
    try place.link("shared", to: "data")
    #expect(try await place.inside("shared/retail") == "retail")
    // The way there may lead over a link, too.
    try place.link("instances", to: "data/retail")
    let own = ["/etc", "\(place.root)/instances"]
    for path in ["shared", "shared/retail"] {
      #expect(try await place.refusal(path, own: own)?.message.contains("stays the host’s own") == true)
    }
    try place.link("gone", to: "/etc")
    #expect(
      try await place.refusal("gone/ssl", in: "gone")?.message
        == "\(place.root)/gone on web1 leads to /etc, which is not apart from what stays the host’s own.")
    try place.link("all", to: "/")
    #expect(try await place.refusal("all", in: "all")?.message.contains("leads to /,") == true)
  }

  @Test func `what is missing, no folder, a link in a circle or called oddly is told`() async throws {
    let place = try Place()
    try place.folder("shared")
    try place.link("shared/broken", to: "nothing")
    try place.link("shared/circle", to: "circle")
    for path in ["shared/gone", "shared/broken", "shared/circle", "none/x"] {
      #expect(
        try await place.refusal(path)?.message
          == "There is no folder \(place.root)/\(path) on web1, where shop has shared addons from.")
    }
    try Data().write(to: URL(filePath: "\(place.root)/shared/file"))
    #expect(try await place.refusal("shared/file")?.message.hasSuffix("is no folder.") == true)
    try place.folder("shared/a,b")
    try place.link("shared/odd", to: "a,b")
    #expect(try await place.refusal("shared/odd")?.message.contains("does not take literally") == true)
  }

  @Test func `a folder without a module, and one that others may not look into, are remarked on`()
    async throws
  {
    let place = try Place()
    try place.folder("shared/empty")
    try place.module("elsewhere/loyalty")
    // In the container it leads to nothing.
    try place.link("shared/empty/loyalty", to: "\(place.root)/elsewhere/loyalty")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o700], ofItemAtPath: "\(place.root)/shared/empty")
    let path = HostFolder(text: "\(place.root)/shared/empty")
    let remarks = try await place.look("shared/empty").remarks(at: path, on: "web1")
    #expect(remarks.count == 2)
    #expect(remarks.first?.hasPrefix("There is no module in \(path) on web1:") == true)
    #expect(remarks.last == "Odoo may not be let into \(path) on web1: chmod -R o+rX \(path)")
  }

  @Test func `another file system below the folder is told, since the container does not get it`()
    async throws
  {
    let place = try Place()
    try place.module("shared/nas/loyalty")
    var look = try await place.look("shared/nas")
    #expect(look.mountPoint.map { HostFolder.holds($0 == "/" ? "" : $0, place.root) } == true)
    let (folder, path) = (
      HostFolder(text: "\(place.root)/shared"), HostFolder(text: "\(place.root)/shared/nas")
    )
    // Mounting takes rights that a test need not have.
    look.mountPoint = "\(place.root)/shared/nas"
    #expect {
      try look.inside(folder, at: path, of: Slug("shop"), on: "web1")
    } throws: { error in
      (error as? HostingError)?.message.contains("mounted at \(place.root)/shared/nas") == true
    }
    look.mountPoint = "\(place.root)/shared"
    #expect(try look.inside(folder, at: path, of: Slug("shop"), on: "web1") == "nas")
  }

  @Test func `what is not the answer to the question is not taken for one`() {
    #expect(SharedAddonsLook(output: [], own: 0) == nil)
    #expect(SharedAddonsLook(output: Array("/srv\0/srv\0".utf8), own: 1) == nil)
  }
}
