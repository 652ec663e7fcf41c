import Foundation
import Jobs
import Logging
import Postgres

/// How often servers are looked at. The defaults are those of a real installation; tests shorten them.
public struct WatchTiming: Sendable {
  /// How often a server is looked at where nothing happens on it.
  public var rhythm = Duration.seconds(15)
  /// How often the list of servers is looked at.
  public var servers = Duration.seconds(5)
  /// The least time between two looks, so that many events lead to one.
  public var quiet = Duration.milliseconds(250)
  /// After how long what would change a status is looked at once more.
  public var confirmation = Duration.seconds(1)
  /// How often folders are looked for, which takes a command on the host.
  public var folders = Duration.seconds(600)
  /// How long a prepared database that the database does not know is left alone.
  public var preparedGrace = Duration.seconds(600)
  /// After how long Docker's events are asked for again when they broke off; doubled each time, up to the rhythm.
  public var reconnect = Duration.seconds(2)

  /// The times of a real installation.
  public init() {}
}

extension Hosting {
  /// Holds what the database says of servers and instances against what is there, on Docker's events and in a
  /// steady rhythm, until the task is cancelled. Servers that come and go meanwhile are taken up and left.
  public func runWatcher(timing: WatchTiming = WatchTiming()) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      /// The servers being watched; the end of the stream ends the watch.
      var watched: [UUID: AsyncStream<Never>.Continuation] = [:]
      while true {
        do {
          let servers = try await serverStore.all(database)
          for id in Set(watched.keys).subtracting(servers.map(\.id)) {
            watched.removeValue(forKey: id)?.finish()
          }
          for server in servers where watched[server.id] == nil {
            let (end, continuation) = AsyncStream.makeStream(of: Never.self)
            watched[server.id] = continuation
            group.addTask { try await keepWatching(server, until: end, timing) }
          }
        } catch let error as PostgresError {
          logger.warning("The list of servers could not be read: \(error)")
        }
        try await Task.sleep(for: timing.servers)
      }
    }
  }

  /// Watches one server until `end` ends. Something unexpected does not end it.
  private func keepWatching(_ server: Server, until end: AsyncStream<Never>, _ timing: WatchTiming)
    async throws
  {
    try await withThrowingTaskGroup { group in
      group.addTask {
        for await _ in end {}
        try Task.checkCancellation()
      }
      group.addTask {
        while true {
          do {
            try await runWatcher(of: server, timing: timing)
          } catch let error as CancellationError {
            throw error
          } catch {
            logger.error("The watch of \(server.name) broke off and begins anew: \(error)")
          }
          try await Task.sleep(for: timing.reconnect)
        }
      }
      try await group.next()
      group.cancelAll()
    }
  }

  /// Watches `server` until the task is cancelled. One process at a time should: this is where a lease of the server
  /// is to be taken and given back.
  func runWatcher(of server: Server, timing: WatchTiming) async throws {
    try await ServerWatch(of: server, self, timing).run()
  }
}
