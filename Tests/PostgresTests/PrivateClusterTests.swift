import Foundation
import Logging
import PostgresTesting
import Testing

@testable import Postgres

@Suite("The built-in cluster")
struct PrivateClusterTests {
  @Test("a cluster keeps its data over a stop and a start")
  func stopAndStart() async throws {
    try await withFolder { folder in
      let first = try PrivateCluster(folder: folder, options: .forTests, logger: .quiet)
      try await first.start()
      try await first.start()
      try await withPool(first) { try await $0.execute("CREATE TABLE kept AS SELECT 1") }
      await first.stop()
      #expect(await first.processID == nil)
      #expect(FormerServer(data: "\(folder)/data").processes().isEmpty)
      let second = try PrivateCluster(folder: folder, options: .forTests, logger: .quiet)
      try await second.start()
      try await withPool(second) { database in
        let rows = try await database.query("SELECT * FROM kept")
        #expect(rows.count == 1)
      }
      await second.stop()
    }
  }

  @Test("a killed server is started again with everything that was committed")
  func killedServer() async throws {
    try await withFolder { folder in
      let cluster = try PrivateCluster(folder: folder, logger: .quiet)
      try await cluster.start()
      let keeper = Task { await cluster.keepRunning() }
      try await withPool(cluster) { database in
        try await database.execute("CREATE TABLE kept AS SELECT 1")
        let pid = try #require(await cluster.processID)
        kill(pid, SIGKILL)
        try await eventually("another server runs") { await cluster.processID.map { $0 != pid } ?? false }
        try await eventually("the pool has a connection again") {
          do { return try await database.query("SELECT * FROM kept").count == 1 } catch let error
            as PostgresError
          {
            #expect(error.isConnectionLoss || error.sqlState == "57P03", "\(error)")
            return false
          }
        }
      }
      keeper.cancel()
      await keeper.value
      await cluster.stop()
    }
  }

  @Test("when the owner is killed, the server ends, and the next owner finds the data")
  func killedOwner() async throws {
    try await withFolder { folder in
      let owner = try TestProcess(["cluster", folder])
      let line = try #require(await owner.line(beginningWith: "ready"))
      let pid = try #require(Int32(line.split(separator: " ")[1]))
      #expect(FormerServer(data: "\(folder)/data").processes().contains(pid))
      let heir = try PrivateCluster(folder: folder, options: .forTests, logger: .quiet)
      let error = await #expect(throws: ClusterError.self) { try await heir.start() }
      #expect(
        error?.description.contains("in use by another process (\(owner.pid))") == true, "\(error as Any)")
      owner.killHard()
      try await heir.start()
      #expect(!FormerServer(data: "\(folder)/data").processes().contains(pid), "the former server still runs")
      try await withPool(heir) { database in
        let rows = try await database.query("SELECT 1")
        #expect(rows.count == 1)
      }
      await heir.stop()
    }
  }

  @Test("a server that nobody owns any more is stopped before the start, not joined by a second one")
  func strayServer() async throws {
    try await withFolder { folder in
      let cluster = try PrivateCluster(folder: folder, options: .forTests, logger: .quiet)
      try await cluster.start()
      await cluster.stop()
      let place = try ClusterFolder(folder, user: .current())
      try place.makeSocketFolder()
      let programs = try ServerPrograms.find(for: place.data)
      let words = place.user.words(
        [programs.postgres, "-D", place.data, "-c", "config_file=\(place.settings)"],
        signalWhenOrphaned: "KILL")
      let log = try place.openLog()
      let stray = try ChildProcess(words, output: log)
      close(log)
      try await eventually("the stray server runs") {
        FormerServer(data: place.data).processes().contains(stray.pid)
          && access("\(place.socket)/.s.PGSQL.5432", F_OK) == 0
      }
      try await cluster.start()
      #expect(stray.waitForEnd() != nil)
      #expect(await cluster.processID != stray.pid)
      await cluster.stop()
    }
  }

  @Test("an initdb that was cut off is begun again")
  func halfMade() async throws {
    try await withFolder { folder in
      let place = try ClusterFolder(folder, user: .current())
      try place.user.makePrivateFolder("\(folder)/data.new")
      try Data("half".utf8).write(to: URL(filePath: "\(folder)/data.new/PG_VERSION"))
      let cluster = try PrivateCluster(folder: folder, options: .forTests, logger: .quiet)
      try await cluster.start()
      await cluster.stop()
      #expect(access("\(folder)/data.new", F_OK) != 0)
    }
  }

  @Test("a folder too deep for a socket gets one in /tmp, removed at the end")
  func deepFolder() async throws {
    try await withFolder { folder in
      let deep = folder + "/" + String(repeating: "deep", count: 30)
      let cluster = try PrivateCluster(folder: deep, options: .forTests, logger: .quiet)
      try await cluster.start()
      let socket = try #require(cluster.configuration.parameters["host"])
      #expect(socket.hasPrefix("/tmp/odeum-") && socket.utf8.count < 40)
      try await withPool(cluster) { try await $0.query("SELECT 1") }
      await cluster.stop()
      #expect(access(socket, F_OK) != 0)
    }
  }

  @Test("nobody else on this machine can connect", .enabled(if: geteuid() == 0))
  func otherUser() async throws {
    try await withFolder { folder in
      let cluster = try PrivateCluster(folder: folder, options: .forTests, logger: .quiet)
      try await cluster.start()
      let socket = try #require(cluster.configuration.parameters["host"])
      let psql = try ServerPrograms.find(for: "").folder + "/psql"
      func connect(as user: String, groups: String) throws -> Bool {
        try ChildProcess.run([
          "/usr/bin/setpriv", "--reuid", user, groups, "--", psql, "-h", socket, "-U", "odeum", "-c",
          "SELECT 1",
        ]).status.isSuccess
      }
      #expect(try connect(as: "root", groups: "--keep-groups"))
      #expect(try !connect(as: "nobody", groups: "--clear-groups"))
      // Even with the folder open, peer authentication knows who asks.
      chmod(socket, 0o755)
      chmod("\(socket)/.s.PGSQL.5432", 0o777)
      #expect(try !connect(as: "nobody", groups: "--clear-groups"))
      await cluster.stop()
    }
  }

  @Test(
    "a folder that the server's user cannot enter is named with the way out", .enabled(if: geteuid() == 0))
  func unreachable() throws {
    let folder = try temporaryFolder()
    chmod(folder, 0o700)
    let error = try #require(throws: ClusterError.self) {
      try PrivateCluster(folder: "\(folder)/postgres", logger: .quiet)
    }
    #expect(error.description.contains("cannot enter \(folder), which leads to \(folder)/postgres"))
    #expect(error.description.contains("chmod o+x \(folder)"))
    #expect(error.description.hasSuffix("or choose a data folder elsewhere, such as /var/lib/odeum"))
    let usual = ClusterError.unreachable(
      folder: "/var/lib/odeum/postgres", blocking: "/var/lib/odeum", user: "postgres")
    #expect(
      usual.description.hasSuffix("run 'chmod o+x /var/lib/odeum'"), "not the same folder as another one")
  }

  @Test("without server programs the error says what to install")
  func noPrograms() throws {
    let error = try #require(throws: ClusterError.self) {
      try ServerPrograms.find(for: "/nowhere", in: ["/bin"])
    }
    #expect(error.description.contains("apt-get install postgresql'"))
    #expect(error.description.contains("DATABASE_URL"))
  }

  @Test("data of another version is not opened with the wrong programs")
  func otherVersion() async throws {
    try await withFolder { folder in
      mkdir("\(folder)/data", 0o700)
      try Data("97\n".utf8).write(to: URL(filePath: "\(folder)/data/PG_VERSION"))
      let error = try #require(throws: ClusterError.self) { try ServerPrograms.find(for: "\(folder)/data") }
      #expect(error.description.contains("apt-get install postgresql-97"))
    }
  }

  @Test(
    "the version is read out of what postgres prints",
    arguments: [
      ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", 15), ("postgres (PostgreSQL) 18beta1", 18),
      ("postgres (PostgreSQL) 9.6.24", 9), ("something else", nil),
    ] as [(String, Int?)])
  func versions(_ output: String, _ version: Int?) {
    #expect(ServerPrograms.major(in: output) == version)
  }

  @Test("a server that cannot start is reported with its own words")
  func brokenSetting() async throws {
    try await withFolder { folder in
      var options = PrivateCluster.Options.forTests
      options.settings["shared_buffers"] = "no size"
      let cluster = try PrivateCluster(folder: folder, options: options, logger: .quiet)
      let error = try await #require(throws: ClusterError.self) { try await cluster.start() }
      #expect(error.description.contains("shared_buffers"))
      #expect(await cluster.processID == nil)
    }
  }

  /// A folder that is gone afterwards.
  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = try temporaryFolder()
    defer {
      FormerServer(data: "\(folder)/data").stop(logger: .quiet)
      try? FileManager.default.removeItem(atPath: folder)
    }
    try await body(folder)
  }

  private func withPool(_ cluster: PrivateCluster, _ body: (Database) async throws -> Void) async throws {
    let database = Database(cluster.configuration, connections: 1, logger: .quiet)
    try await body(database)
    await database.close()
  }
}

extension PrivateCluster.Options {
  fileprivate static var forTests: Self {
    var options = Self()
    options.isDurable = false
    return options
  }
}

extension Logger {
  fileprivate static var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }
}
