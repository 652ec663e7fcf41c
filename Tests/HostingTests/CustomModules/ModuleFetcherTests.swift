import Foundation
import Remote
import Testing

@testable import Hosting

/// Fetching with real git over real HTTP.
@Suite struct ModuleFetcherTests {
  let host = LocalHost()

  /// A fetcher with a folder of its own, which goes away afterwards.
  func withFetcher(_ body: (ModuleFetcher, GitServer) async throws -> Void) async throws {
    try await GitServer.serving { server in
      let folder = InstanceFolder(
        host: host, server: "web1", parent: "\(server.folder)/instances", installation: UUID(),
        instance: UUID())
      try await folder.ensure()
      let fetcher = ModuleFetcher(
        host: host, server: "web1", folder: folder, git: Git(keys: "\(server.folder)/keys"),
        place: "\(folder.modules)/.fetch-1")
      try await body(fetcher, server)
    }
  }

  func names(_ fetcher: ModuleFetcher) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: fetcher.folder.modules).sorted()
  }

  func source(_ server: GitServer, _ name: String, _ branch: String? = nil) throws -> ModuleSource {
    ModuleSource(repository: try server.address(name), branch: try branch.map { try BranchName($0) })
  }

  @Test func `the code of a branch is not there, not readable in the container, or brings its history along`()
    async throws
  {
    try await withFetcher { fetcher, server in
      try await server.commit(["one/__manifest__.py": "{}"], of: "shop", "One")
      let commit = try await server.commit(
        ["more/two/__manifest__.py": "{}"], to: "19.0", of: "shop", "Two \u{1B}[31mred")
      let checkout = try await fetcher.newest(of: source(server, "shop", "19.0"), present: [])
      #expect(checkout.commit == commit)
      #expect(checkout.subject == "Two red")
      #expect(checkout.modules == ["one", "two"])
      #expect(try names(fetcher) == [checkout.folder])
      let tree = "\(fetcher.folder.modules)/\(checkout.folder)/shop"
      #expect(try FileManager.default.contentsOfDirectory(atPath: tree).sorted() == ["more", "one"])
      for path in [fetcher.folder.modules, "\(tree)/one", "\(tree)/one/__manifest__.py"] {
        let mode = try #require(
          FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
        #expect(mode & 0o022 == 0)
        #expect(mode & 0o004 != 0)
      }
      let outside = try FileManager.default.attributesOfItem(atPath: fetcher.folder.path)
      #expect(outside[.posixPermissions] as? Int == 0o700, "other users of the server read the code")
    }
  }

  @Test func `a commit that is there is fetched again, or a new one is not`() async throws {
    try await withFetcher { fetcher, server in
      try await server.commit(["one/__manifest__.py": "{}"], of: "shop", "One")
      let shop = try source(server, "shop")
      let first = try await fetcher.newest(of: shop, present: [])
      let proof = "\(fetcher.folder.modules)/\(first.folder)/proof"
      #expect(FileManager.default.createFile(atPath: proof, contents: nil))
      #expect(try await fetcher.present(among: [first]) == [first])
      #expect(try await fetcher.newest(of: shop, present: [first]) == first)
      #expect(try await fetcher.newest(of: shop, present: []) == first, "its name was taken already")
      #expect(FileManager.default.fileExists(atPath: proof))

      try await server.commit(["two/__manifest__.py": "{}"], of: "shop", "Two")
      let second = try await fetcher.newest(of: shop, present: [first])
      #expect(second.modules == ["one", "two"])
      #expect(
        try names(fetcher) == [first.folder, second.folder].sorted(), "Odoo still runs with the first one")
      try await fetcher.removeAll(but: [second])
      #expect(try names(fetcher) == [second.folder])
      #expect(try await fetcher.present(among: [first, second]) == [second])
    }
  }

  @Test func `what a killed worker left is taken for a checkout`() async throws {
    try await withFetcher { fetcher, server in
      try await server.commit(["one/__manifest__.py": "{}"], of: "shop", "One")
      for name in [".fetch-0/checkout", ".fetch-1/repository"] {
        try FileManager.default.createDirectory(
          atPath: "\(fetcher.folder.modules)/\(name)", withIntermediateDirectories: true)
      }
      let checkout = try await fetcher.newest(of: source(server, "shop"), present: [])
      #expect(checkout.modules == ["one"])
      try await fetcher.removeAll(but: [checkout])
      #expect(try names(fetcher) == [checkout.folder])
    }
  }

  @Test func `a link out of the repository changes a file of the server`() async throws {
    try await withFetcher { fetcher, server in
      let victim = "\(server.folder)/victim"
      #expect(
        FileManager.default.createFile(atPath: victim, contents: nil, attributes: [.posixPermissions: 0o600]))
      try await server.commit(
        ["one/__manifest__.py": "{}", "one/link": "-> \(victim)", "out": "-> \(server.folder)"], of: "shop",
        "One")
      let checkout = try await fetcher.newest(of: source(server, "shop"), present: [])
      #expect(checkout.modules == ["one"])
      #expect(try FileManager.default.attributesOfItem(atPath: victim)[.posixPermissions] as? Int == 0o600)
      try await fetcher.removeAll(but: [])
      #expect(FileManager.default.fileExists(atPath: victim))
    }
  }

  @Test func `a failure says something else than what is wrong`() async throws {
    try await withFetcher { fetcher, server in
      try await server.commit(["docs/readme": "x"], of: "docs", "No module")
      try await server.commit(["one/__manifest__.py": "{}"], of: "private", "One")
      let dead = ModuleSource(repository: try RepositoryAddress("http://127.0.0.1:1/shop.git"), branch: nil)
      for (source, code, text) in [
        (try source(server, "nothing"), HostingError.Code.invalid, "There is no repository at"),
        (try source(server, "docs", "20.0"), .invalid, "has no branch “20.0”"),
        (try source(server, "docs"), .invalid, "There is no module in"),
        (try source(server, "private"), .invalid, "asks for a password"),
        (dead, .unavailable, "cannot be reached from web1"),
      ] {
        let error = await #expect(throws: HostingError.self) {
          try await fetcher.newest(of: source, present: [])
        }
        #expect(error?.code == code)
        #expect(error?.message.contains(text) == true, "\(error?.message ?? "nothing")")
      }
      #expect(try await fetcher.present(among: []).isEmpty)
    }
  }
}

@Suite struct InstanceFolderTests {
  @Test func `a folder that is not ours is used or removed`() async throws {
    let host = LocalHost()
    let made = try await host.text(of: Command("mktemp", "-d"), deadline: .seconds(10))
    let parent = made.trimmingCharacters(in: .newlines)
    defer { try? FileManager.default.removeItem(atPath: parent) }
    func folder(installation: UUID, instance: UUID) -> InstanceFolder {
      InstanceFolder(
        host: host, server: "web1", parent: "\(parent)/instances", installation: installation,
        instance: instance)
    }
    let own = folder(installation: UUID(), instance: UUID())
    #expect(try await !own.isThere())
    try await own.remove()
    try await own.ensure()
    try await own.ensure()
    #expect(try await own.isThere())

    let others = folder(installation: UUID(), instance: own.instance)
    for attempt in [others.ensure, others.remove] {
      let error = await #expect(throws: HostingError.self) { try await attempt() }
      #expect(error?.code == .conflict)
    }
    let unmarked = folder(installation: own.installation, instance: UUID())
    try FileManager.default.createDirectory(atPath: unmarked.path, withIntermediateDirectories: false)
    await #expect(throws: HostingError.self) { try await unmarked.remove() }
    #expect(FileManager.default.fileExists(atPath: unmarked.path))

    try await own.remove()
    #expect(!FileManager.default.fileExists(atPath: own.path))
    #expect(try await !own.isThere())
  }
}
