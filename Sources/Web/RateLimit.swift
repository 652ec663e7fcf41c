import Foundation
import Hosting
import Synchronization

/// How many requests somebody may make: so many at once, and then so many a second.
struct RequestRate: Sendable, Equatable {
  /// Requests at once.
  var atOnce: Double
  /// Requests a second, in the long run.
  var perSecond: Double
}

/// Counts requests by who makes them. Each has a bucket that fills at his rate; a request takes one out of it.
///
/// It counts within this process: several that serve one database allow that much each.
final class RateLimit: Sendable {
  private struct Bucket {
    var level: Double
    var at: ContinuousClock.Instant
  }

  let rate: RequestRate
  private let now: @Sendable () -> ContinuousClock.Instant
  private let buckets = Mutex<[String: Bucket]>([:])
  /// Above that many buckets, those that are full again are thrown away.
  private static let mostBuckets = 10_000

  init(_ rate: RequestRate, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.rate = rate
    self.now = now
  }

  /// Refuses where the bucket of `who` is empty; takes nothing out.
  ///
  /// - Throws: `HostingError` with code `tooMany`.
  func check(_ who: String) throws {
    let now = now()
    let level = level(of: buckets.withLock { $0[who] }, now)
    guard level < 1 else { return }
    let seconds = ((1 - level) / rate.perSecond).rounded(.up)
    throw HostingError(
      .tooMany, "Too many requests in too short a time.",
      suggestion: "Ask again in \(Int(seconds)) s, and less often.",
      retryAfter: .seconds(seconds))
  }

  /// Takes one out of the bucket of `who`.
  func count(_ who: String) {
    let now = now()
    buckets.withLock { buckets in
      buckets[who] = Bucket(level: max(0, level(of: buckets[who], now) - 1), at: now)
      guard buckets.count > Self.mostBuckets else { return }
      buckets = buckets.filter { level(of: $0.value, now) < rate.atOnce }
    }
  }

  private func level(of bucket: Bucket?, _ now: ContinuousClock.Instant) -> Double {
    guard let bucket else { return rate.atOnce }
    let passed = (now - bucket.at).components
    let seconds = Double(passed.seconds) + Double(passed.attoseconds) / 1e18
    return min(rate.atOnce, bucket.level + seconds * rate.perSecond)
  }
}
