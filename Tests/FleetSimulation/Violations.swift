import Foundation
import Synchronization

/// What must always hold and did not.
final class Violations: Sendable {
  private let trace: Trace
  private let found = Mutex<[String]>([])

  init(_ trace: Trace) {
    self.trace = trace
  }

  var all: [String] { found.withLock { $0 } }

  func add(_ what: String) {
    trace.note("VIOLATED: \(what)")
    found.withLock { $0.append("at \(Date()): \(what)") }
  }
}
