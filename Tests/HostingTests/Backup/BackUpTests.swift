import Foundation
import PostgresTesting
import Testing

@testable import Hosting
@testable import Postgres

@Suite struct BackUpTests {
  @Test func `a backup is one private file that tar can read, and says what it is`() async throws {
    try await BackupScene.with { scene in
      let written = try await scene.backUp()
      #expect(try names(in: scene.folder) == [URL(filePath: written.path).lastPathComponent])
      let attributes = try FileManager.default.attributesOfItem(atPath: written.path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect(attributes[.size] as? Int == written.bytes)
      #expect(written.manifest.odeum == "9.9.9")
      #expect(written.manifest.installation == scene.hosting.installation)
      #expect(
        written.manifest.migrations.map(\.name).sorted() == Schema.migrations.map(\.name).sorted())
      #expect(written.manifest.postgres >= 15)
      #expect(try BackupFile(at: written.path).manifest == written.manifest)

      let (status, listing) = try run("/bin/tar", "tf", written.path)
      #expect(status == 0)
      #expect(listing == "manifest.json\nmanifest.seal\ncontrol-plane.dump\n")
      let (_, manifest) = try run("/bin/tar", "xOf", written.path, "manifest.json")
      #expect(try BackupManifest.decoded(Data(manifest.utf8)) == written.manifest)
    }
  }

  @Test func `neither the master key nor anybody's session is in it`() async throws {
    try await BackupScene.with { scene in
      let link = try await scene.hosting.makeSignInLink(
        for: Hosting.firstEmail, purpose: .setPassword, lifetime: .seconds(60))
      let signedIn = try await scene.hosting.useSignInLink(
        link.reveal(), newPassword: "correct horse", address: "127.0.0.1", userAgent: "somebody's browser")
      let written = try await scene.backUp()
      #expect(try bytes(of: written.path).range(of: Data(scene.key.base64.reveal().utf8)) == nil)
      let key = try #require(Data(base64Encoded: scene.key.base64.reveal()))
      #expect(try bytes(of: written.path).range(of: key) == nil)
      let script = scene.folder + "/script.sql"
      let dump = scene.folder + "/dump"
      try (try bytes(of: written.path).dropFirst(try BackupFile(at: written.path).dumpOffset)).write(
        to: URL(filePath: dump))
      let programs = try DumpPrograms.find(forServer: written.manifest.postgres)
      _ = try run(programs.restorer, "--file=\(script)", dump)
      let sql = try String(contentsOfFile: script, encoding: .utf8)
      let found = [
        "CREATE TABLE public.sessions", Hosting.firstEmail, "somebody's browser", signedIn.token.reveal(),
        "GRANT ",
      ].map(sql.contains)
      #expect(found == [true, true, false, false, false])
    }
  }

  @Test func `a backup is never written over anything, and follows no link`() async throws {
    try await BackupScene.with { scene in
      let file = scene.folder + "/mine.tar"
      try Data("precious".utf8).write(to: URL(filePath: file))
      let link = scene.folder + "/link.tar"
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: scene.folder + "/elsewhere")
      for target in [file, link] {
        let error = await #expect(throws: HostingError.self) { try await scene.backUp(to: .file(target)) }
        #expect(error?.code == .conflict)
        #expect(error?.message == "\(target) is there already, and a backup is never written over anything.")
      }
      // A link that lies where the half-written file goes.
      let victim = scene.folder + "/victim"
      try Data("precious".utf8).write(to: URL(filePath: victim))
      try FileManager.default.createSymbolicLink(
        atPath: scene.folder + "/new.tar.part", withDestinationPath: victim)
      let error = await #expect(throws: HostingError.self) {
        try await scene.backUp(to: .file(scene.folder + "/new.tar"))
      }
      #expect(error?.message.hasPrefix("\(scene.folder)/new.tar.part is in the way") == true)
      #expect(try String(contentsOfFile: victim, encoding: .utf8) == "precious")
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
      #expect(try names(in: scene.folder) == ["link.tar", "mine.tar", "new.tar.part", "victim"])
    }
  }

  @Test func `what a killed backup left is removed by the next one, and a foreign file is not`() async throws
  {
    try await BackupScene.with { scene in
      let prefix = "odeum-\(scene.hosting.installation.uuidString.prefix(8).lowercased())-"
      let foreign = "odeum-00000000-20260101T000000000Z.tar.part"
      for name in ["\(prefix)20260101T000000000Z.tar.part", foreign] {
        try Data("half".utf8).write(to: URL(filePath: "\(scene.folder)/\(name)"))
      }
      let written = try await scene.backUp()
      #expect(
        try names(in: scene.folder) == [foreign, URL(filePath: written.path).lastPathComponent].sorted())
    }
  }

  @Test func `two that write to one place do not disturb each other`() throws {
    let target = try temporaryFolder() + "/some.tar"
    let first = try PartFile(for: target)
    let error = #expect(throws: HostingError.self) { try PartFile(for: target) }
    #expect(error?.message.hasSuffix("is in the way, or another backup is being written there.") == true)
    try first.write("whole".utf8, at: 0)
    try first.keep { path in
      let written = try String(contentsOfFile: path, encoding: .utf8)
      #expect(written == "whole")
    }
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "whole")
    #expect(throws: HostingError.self) { try PartFile(for: target) }
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "whole")
  }

  @Test func `old backups go only after a new one is whole, and only ours`() async throws {
    try await BackupScene.with { scene in
      let prefix = "odeum-\(scene.hosting.installation.uuidString.prefix(8).lowercased())-"
      let old = (1...4).map { "\(prefix)2026010\($0)T000000000Z.tar" }
      let others = ["odeum-00000000-20260101T000000000Z.tar", "\(prefix)notes.tar", "before-upgrade.tar"]
      for name in old + others {
        try Data("old".utf8).write(to: URL(filePath: "\(scene.folder)/\(name)"))
      }
      let wrong = BackUpControlPlane(scene.hosting.database, key: MasterKey(), version: "1")
      await #expect(throws: HostingError.self) { try await wrong.write(to: .folder(scene.folder), keep: 1) }
      #expect(try names(in: scene.folder) == (old + others).sorted(), "nothing goes where nothing came")

      let written = try await scene.backUp(keep: 2)
      #expect(written.removed.map { URL(filePath: $0).lastPathComponent } == Array(old[..<3]))
      let new = URL(filePath: written.path).lastPathComponent
      #expect(try names(in: scene.folder) == ([old[3], new] + others).sorted())
    }
  }

  @Test func `a backup that looks older than the others, since the clock went back, is kept`() async throws {
    try await BackupScene.with { scene in
      let prefix = "odeum-\(scene.hosting.installation.uuidString.prefix(8).lowercased())-"
      try Data("future".utf8).write(to: URL(filePath: "\(scene.folder)/\(prefix)29990101T000000000Z.tar"))
      let written = try await scene.backUp(keep: 1)
      #expect(try names(in: scene.folder) == [URL(filePath: written.path).lastPathComponent])
    }
  }

  @Test(arguments: [0, -1]) func `at least one backup is kept`(keep: Int) async throws {
    try await BackupScene.with { scene in
      let error = await #expect(throws: HostingError.self) { try await scene.backUp(keep: keep) }
      #expect(error?.code == .invalid)
    }
  }

  @Test func `a database without a control plane is not backed up`() async throws {
    try await withDatabase { database in
      let folder = try temporaryFolder()
      let error = await #expect(throws: HostingError.self) {
        try await BackUpControlPlane(database, key: MasterKey(), version: "1").write(to: .folder(folder))
      }
      #expect(error?.message.hasPrefix("There is no control plane in ") == true)
      #expect(try names(in: folder).isEmpty)
    }
  }

  @Test func `a folder is one that is there, or a name that ends with a slash`() throws {
    let folder = try temporaryFolder()
    #expect(BackupPlace(folder) == .folder(folder))
    #expect(BackupPlace(folder + "/new/") == .folder(folder + "/new/"))
    #expect(BackupPlace(folder + "/new") == .file(folder + "/new"))
  }
}

/// Runs a program to its end. Returns its status and what it printed.
func run(_ program: String, _ arguments: String...) throws -> (status: Int32, output: String) {
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(filePath: program)
  process.arguments = arguments
  process.standardOutput = output
  try process.run()
  let text = try output.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: text, as: UTF8.self))
}
