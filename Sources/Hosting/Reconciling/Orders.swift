import Docker
import Foundation

/// What Docker has told of orders that somebody gave it: containers of instances that were stopped or removed.
///
/// Docker tells of a container's end first, and a moment later that it was stopped or removed on an order. It says so of
/// `docker restart` as well, whose start follows: from then on Docker does not answer for the container before it runs
/// (`containerStart` of moby holds its lock; seen with 20.10.24). So an end that an order explains needs no long second
/// look: asking for that container is enough to tell a stop from a restart.
struct Orders: Sendable, Hashable {
  /// The instances whose last end an order explains.
  private var explained: Set<UUID> = []
  /// The containers that were sent a signal and have not ended, with their instances.
  private var signalled: [String: UUID] = [:]

  /// What Docker tells of orders, beside ends and starts.
  static let telling = ["kill", "stop"]

  /// Takes in something that happened to a container.
  mutating func note(_ event: EngineEvent) {
    guard let instance = event.attributes[Label.instance].flatMap({ UUID(uuidString: $0) }) else { return }
    switch event.action {
    case "kill": signalled[event.id] = instance
    case "die", "start":
      signalled[event.id] = nil
      explained.remove(instance)
    case "stop": explained.insert(instance)
    case "destroy":
      signalled[event.id] = nil
      explained.insert(instance)
    default: break
    }
  }

  /// Whether an order explains how the containers of `instance` are, and none of them is about to end: both end where
  /// Docker or the server is stopped, and then it is no matter of the one that ends first.
  func explain(_ instance: UUID) -> Bool {
    explained.contains(instance) && !signalled.values.contains(instance)
  }

  /// Forgets what was about other instances.
  mutating func keep(_ instances: Set<UUID>) {
    explained.formIntersection(instances)
    signalled = signalled.filter { instances.contains($0.value) }
  }
}

extension Orders {
  /// Whether an order explains everything of these findings that is otherwise looked at again later.
  func explain(_ findings: [Finding]) -> Bool {
    findings.allSatisfy { $0.confirmation != .later || $0.ordered.map(explain) ?? false }
  }
}

extension Finding {
  /// The instance of a finding that an order to Docker may explain.
  fileprivate var ordered: UUID? {
    switch self {
    case .status(let mark, _, _), .drift(let mark, _): mark.id
    default: nil
    }
  }
}
