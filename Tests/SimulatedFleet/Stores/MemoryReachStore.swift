import Foundation
import Jobs

@testable import Hosting

/// Members for whom only some things exist are not kept in memory: whoever comes here reaches everything.
struct MemoryReachStore: ReachStore {
  func letReach(instance: UUID, _ actor: Actor, _ transaction: (any Transaction)?) async throws {
    precondition(actor.instances == nil, "a member of limited reach is not simulated")
  }

  func letReach(server: UUID, _ actor: Actor, _ transaction: (any Transaction)?) async throws {
    precondition(actor.servers == nil, "a member of limited reach is not simulated")
  }
}
