import Foundation
import Jobs
import Logging
import Postgres

/// How often servers are looked at. The defaults are those of a real installation; tests shorten them.
public struct WatchTiming: Sendable {
  /// How often a server is looked at where nothing happens on it.
  public var rhythm = Duration.seconds(15)
  /// How often the list of servers is looked at.
  public var servers = Duration.seconds(2)
  /// The least time between two looks, so that many events lead to one.
  public var quiet = Duration.milliseconds(250)
  /// After how long what Docker may be in the middle of is looked at once more.
  public var confirmation = Duration.seconds(1)
  /// As that, where somebody's order to Docker explains what was seen: until a restart has its container's lock, whose end
  /// is then waited for by asking. Docker tells of nothing between the stop and that.
  public var settling = Duration.milliseconds(10)
  /// How often it is asked how full a host is, which takes a command there.
  public var facts = Duration.seconds(120)
  /// How often volumes and networks are looked for where no event tells of them.
  public var parts = Duration.seconds(300)
  /// How long a list may take before other questions are asked.
  public var patience = Duration.seconds(30)
  /// How long nothing may have answered before a server is called unreachable.
  public var spread = Duration.seconds(60)
  /// How often folders are looked for, which takes a command on the host.
  public var folders = Duration.seconds(600)
  /// How often it is measured how much the instances of a server store, for which Docker reads all their folders.
  public var storage = Duration.seconds(3600)
  /// How long a prepared database that the database does not know is left alone.
  public var preparedGrace = Duration.seconds(600)
  /// After how long Docker's events are asked for again when they broke off; doubled each time, up to the rhythm.
  public var reconnect = Duration.seconds(2)

  /// The times of a real installation.
  public init() {}
}

extension Hosting {
  /// Holds what the database says of servers and instances against what is there, on Docker's events and in a
  /// steady rhythm, until the task is cancelled. Only servers that this process owns are watched; those that come
  /// and go meanwhile are taken up and left.
  public func runWatcher(timing: WatchTiming = WatchTiming()) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      /// The servers being watched; the end of the stream ends the watch.
      var watched: [UUID: (epoch: Int, end: AsyncStream<Never>.Continuation)] = [:]
      // What it owns changes at once when it does, so that nobody waits for it.
      let (looks, ask) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
      group.addTask { for await _ in self.held.changes { ask.yield() } }
      group.addTask {
        while true {
          ask.yield()
          try await Task.sleep(for: timing.servers)
        }
      }
      for await _ in looks {
        do {
          let servers = try await serverStore.watchable(atOnce).compactMap { server in
            held.epoch(of: server.id).map { (id: server.id, name: server.name, epoch: $0) }
          }
          for (id, watch) in watched
          where !servers.contains(where: { $0.id == id && $0.epoch == watch.epoch }) {
            watched.removeValue(forKey: id)?.end.finish()
            await fleet.close(id)
          }
          for (id, name, epoch) in servers where watched[id] == nil {
            let (end, continuation) = AsyncStream.makeStream(of: Never.self)
            watched[id] = (epoch, continuation)
            group.addTask { try await keepWatching(id, name, under: epoch, until: end, timing) }
          }
        } catch let error as PostgresError {
          logger.warning("The list of servers could not be read: \(error)")
        }
      }
      try Task.checkCancellation()
    }
  }

  /// Watches one server until `end` ends. Something unexpected does not end it.
  private func keepWatching(
    _ server: UUID, _ name: String, under epoch: Int, until end: AsyncStream<Never>, _ timing: WatchTiming
  ) async throws {
    try await withThrowingTaskGroup { group in
      group.addTask {
        for await _ in end {}
        try Task.checkCancellation()
      }
      group.addTask {
        while true {
          do {
            try await ServerWatch(of: server, name, under: epoch, self, timing).run()
          } catch {
            // A cancellation that is not ours came out of something that was ended beside us.
            try Task.checkCancellation()
            logger.error("The watch of \(name) broke off and begins anew: \(error)")
          }
          try await Task.sleep(for: timing.reconnect)
        }
      }
      try await group.next()
      group.cancelAll()
    }
  }
}
