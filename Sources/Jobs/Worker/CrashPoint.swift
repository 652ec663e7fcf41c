import FoundationEssentials
import Glibc

/// Kills this process at a named place in a job's life, so that tests can prove that it recovers.
///
/// `ODEUM_CRASH_AT=<kind>/<step>/before` is before the step has done anything, `…/after` after its effect and
/// before it is recorded. A step that was interrupted before is spared, so the job ends after one crash. Work that is
/// no job names its places itself, such as `restore/exchanged`.
public struct CrashPoint: Sendable {
  private let place: String?

  init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    place = environment["ODEUM_CRASH_AT"]
  }

  func reach(_ kind: String, _ step: String, _ moment: String, interruptions: Int) {
    guard interruptions == 0 else { return }
    reach("\(kind)/\(step)/\(moment)")
  }

  /// Ends the process if that is the place.
  public static func reach(_ place: String) { CrashPoint().reach(place) }

  private func reach(_ reached: String) {
    guard let place, place == reached else { return }
    kill(getpid(), SIGKILL)
    // The signal ends the process before this returns to anybody.
    while true { pause() }
  }
}
