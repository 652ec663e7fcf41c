import Postgres
import Synchronization

/// What came of looking at what somebody showed.
enum AttemptOutcome {
  /// It stays counted as a failure.
  case wrong
  /// Right, and something else is wanted: no failure, and it forgives none.
  case half
  /// Right: all failures are forgiven.
  case right
}

extension Hosting {
  /// Has `verify` look at what somebody shows, unless there were too many failures under one of `keys`.
  ///
  /// The attempt counts as a failure before it is looked at and is taken back afterwards: however many arrive together,
  /// no more are looked at than of those that come one by one. Where `verify` throws, it stays counted.
  ///
  /// - Throws: `HostingError` with code `unauthenticated` and `retryAfter` while there were too many.
  func attempt(_ keys: [String], _ verify: () async throws -> AttemptOutcome) async throws -> AttemptOutcome {
    await turns.take(keys)
    defer { turns.end(keys) }
    let attempts = SignInAttempts(keys: keys)
    let counted = try await attempts.count(database)
    let outcome = try await verify()
    switch outcome {
    case .wrong: break
    case .half: try await attempts.takeBack(counted, database)
    case .right: try await attempts.forgive(database)
    }
    return outcome
  }
}

/// Counts attempts, by person and by place, and makes who fails wait longer and longer.
struct SignInAttempts {
  let keys: [String]

  /// Failures that cost nothing.
  static let free = 4

  /// How long must be waited after that many failures, in seconds.
  private static func delay(after failures: SQL) -> SQL { "least(900, 2 ^ least(20, \(failures) - \(free)))" }

  /// How much of that is left, in seconds; 0 or less: nothing.
  private static let left: SQL = """
    case when f.failures > \(free)
      then extract(epoch from f.last_at - now())::float8 + \(delay(after: "f.failures")) else 0 end
    """

  /// Counts an attempt as a failure under each key, or under none where one of them has to wait.
  ///
  /// - Returns: when it was counted, as PostgreSQL writes it.
  /// - Throws: `HostingError` with code `unauthenticated` and `retryAfter` while there were `tooMany`.
  @discardableResult
  func count(_ database: Database, tooMany: String = "Too many failures to sign in.") async throws -> String {
    try await database.transaction { connection in
      // In one order, so that two which share keys do not wait for each other. An hour without a failure forgives all.
      let counted = try await connection.query(
        """
        insert into sign_in_failures as f (key, failures, last_at)
        select key, 1, now() from unnest(\(keys)) key order by key
        on conflict (key) do update set last_at = now(),
          failures = case when f.last_at < now() - interval '1 hour' then 1 else f.failures + 1 end
        where \(Self.left) <= 0
        returning key, now()::text as at
        """)
      if counted.count == keys.count, let row = counted.first { return try row.get("at") }
      let others = try counted.map { try $0.get("key", as: String.self) }
      let wait: Double? = try await connection.query(
        """
        select max(\(Self.left)) as wait from sign_in_failures f
        where key = any(\(keys)) and not key = any(\(others))
        """
      ).first?.get("wait")
      let seconds = max(1, Int((wait ?? 1).rounded(.up)))
      throw HostingError(
        .unauthenticated, "\(tooMany) The next try is possible in \(seconds) s.",
        suggestion: "Wait, then try again.", retryAfter: .seconds(seconds))
    }
  }

  /// Takes back the attempt that was counted at `time`, with the wait that it brought.
  func takeBack(_ time: String, _ database: Database) async throws {
    // Who was let in to try had waited: he has not to wait again. Somebody who failed meanwhile has.
    for key in keys {
      try await database.execute(
        """
        update sign_in_failures f set failures = f.failures - 1, last_at = case
          when f.last_at = \(time)::timestamptz
            then f.last_at - make_interval(secs => \(Self.delay(after: "(f.failures - 1)")))
          else f.last_at end
        where key = \(key) and f.failures > 0
        """)
    }
  }

  /// Forgives all failures.
  func forgive(_ database: Database) async throws {
    for key in keys { try await database.execute("delete from sign_in_failures where key = \(key)") }
  }
}

/// Lets those who show something under the same key come one after the other within this process. An attempt counts as a
/// failure while it is looked at, and would refuse a person's second tab, and the colleagues in his office.
final class Turns: Sendable {
  private let waiting = Mutex<[String: [CheckedContinuation<Void, Never>]]>([:])

  /// Waits until it is one's turn under all of `keys`.
  func take(_ keys: [String]) async {
    // In one order, so that two which share keys do not wait for each other.
    for key in keys.sorted() {
      await withCheckedContinuation { turn in
        let isFree = waiting.withLock { waiting in
          guard waiting[key] != nil else {
            waiting[key] = []
            return true
          }
          waiting[key]?.append(turn)
          return false
        }
        if isFree { turn.resume() }
      }
    }
  }

  /// Lets the next ones have their turn.
  func end(_ keys: [String]) {
    for key in keys {
      let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
        guard waiting[key]?.isEmpty == false else {
          waiting[key] = nil
          return nil
        }
        return waiting[key]?.removeFirst()
      }
      next?.resume()
    }
  }
}
