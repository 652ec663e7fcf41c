import Foundation
import Hosting
import Testing

@testable import odeumd

@Suite struct DataFolderTests {
  let folder: DataFolder

  init() throws {
    folder = try DataFolder("/tmp/odeum-data-folder-\(UUID().uuidString.prefix(8))")
  }

  @Test func `several may work with a folder, or one alone`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    do {
      let locks = [try DataFolderLock(folder, .shared), try DataFolderLock(folder, .shared)]
      let error = #expect(throws: HostingError.self) { try DataFolderLock(folder, .alone) }
      #expect(
        error?.message == "A control plane or one of its commands works with the data folder \(folder.path).")
      #expect(error?.suggestion?.contains("systemctl stop odeumd") == true)
      withExtendedLifetime(locks) {}
    }
    let alone = try DataFolderLock(folder, .alone)
    for use in [DataFolderLock.Use.shared, .alone] {
      #expect(throws: HostingError.self) { try DataFolderLock(folder, use) }
    }
    withExtendedLifetime(alone) {}
  }

  @Test func `one process works for a folder, and the next one when it has ended`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    var first = try DataFolderLock.worker(of: folder)
    #expect(first != nil)
    #expect(try DataFolderLock.worker(of: folder) == nil)
    #expect(throws: Never.self) { try DataFolderLock(folder, .alone) }
    first = nil
    #expect(try DataFolderLock.worker(of: folder) != nil)
  }

  @Test func `a folder that has to be there is not made`() throws {
    try FileManager.default.removeItem(atPath: folder.path)
    let error = #expect(throws: HostingError.self) { try DataFolder(existing: folder.path) }
    #expect(error?.code == .notFound)
    #expect(error?.suggestion?.contains("ODEUM_DATA=FOLDER odeumd") == true)
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func `an empty folder is no control plane, and stays empty`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    let error = #expect(throws: HostingError.self) { try DataFolder(existing: folder.path) }
    #expect(error?.message == "There is no control plane in \(folder.path): it has no database there.")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    try FileManager.default.createDirectory(
      atPath: folder.path + "/postgres/data", withIntermediateDirectories: true)
    #expect(throws: Never.self) { try DataFolder(existing: folder.path) }
  }
}

@Suite struct BackupCommandTests {
  @Test func `what backup and restore are asked for is read`() throws {
    let backup = try #require(
      try Odeumd.parseAsRoot(["backup", "--to", "/mnt/nas/", "--keep", "14"]) as? Backup)
    #expect((backup.to, backup.keep) == ("/mnt/nas/", 14))
    let restore = try #require(try Odeumd.parseAsRoot(["restore", "--replace", "file.tar"]) as? Restore)
    #expect((restore.file, restore.replace, restore.rehearse) == ("file.tar", true, false))
    #expect(throws: (any Error).self) { try Odeumd.parseAsRoot(["restore"]) }
    #expect(try Odeumd.parseAsRoot(["admin", "key", "rotate"]) is Admin.Key.Rotate)
  }
}
