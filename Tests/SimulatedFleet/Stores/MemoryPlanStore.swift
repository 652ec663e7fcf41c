import Foundation
import Jobs
import JobsTesting

@testable import Hosting

/// Plans are not kept in memory: whoever comes here has everything.
struct MemoryPlanStore: PlanStore {
  func use(of organisation: UUID, _ transaction: (any Transaction)?) async throws -> PlanUse {
    PlanUse(organisation: "simulated", plan: Plan(), used: [:])
  }

  func hold(_ organisation: UUID, _ transaction: any Transaction) async throws -> PlanUse {
    try await use(of: organisation, transaction)
  }
}
