import Foundation
import Odoo

/// The plan of an organisation, and what of it is in use. Pages ask it why something is greyed out; use cases refuse by
/// the same words.
public struct PlanUse: Sendable, Equatable {
  /// The organisation's slug.
  public var organisation: String
  /// The plan.
  public var plan: Plan
  /// How much there is of what is counted today. Nothing counts projects yet.
  public var used: [Plan.Limit: Int]

  /// Why the organisation has not `allowance`; nil where it has.
  public func refusal(of allowance: Plan.Allowance) -> HostingError? {
    guard plan.lacks.contains(allowance) else { return nil }
    return refusal("does not include \(allowance.words).")
  }

  /// Why there cannot be one more of what `limit` counts; nil where there can.
  public func refusalOfOneMore(_ limit: Plan.Limit) -> HostingError? {
    guard let most = plan.limits[limit], (used[limit] ?? 0) >= most else { return nil }
    return refusal("allows \(most) \(limit.words), and there are \(used[limit] ?? 0).")
  }

  /// Why there cannot be one more instance; nil where there can.
  public var refusalOfOneMoreInstance: HostingError? {
    refusalOfOneMore(.instancesPerProject) ?? refusalOfOneMore(.storageGB)
  }

  private func refusal(_ text: String) -> HostingError {
    let name =
      plan.name.isEmpty ? "The plan of \(organisation)" : "The plan “\(plan.name)” of \(organisation)"
    return HostingError(
      .plan, "\(name) \(text)", suggestion: "Ask who runs this installation for another plan.")
  }
}

extension Hosting {
  /// The plan of the organisation of the one who asks.
  public func plan(by actor: Actor) async throws -> PlanUse {
    try await planStore.use(of: actor.organisationID, atOnce)
  }

  /// Refuses an instance that the plan has no room for, or that needs what the plan lacks.
  ///
  /// - Parameter stage: the stage that it stands on from now on.
  /// - Throws: `HostingError` with code `plan`.
  func refuseBeyondPlan(
    _ use: PlanUse, stage: Stage, isNew: Bool, edition: Edition, isTuned: Bool = false
  ) throws {
    if isNew, let refusal = use.refusalOfOneMoreInstance { throw refusal }
    if stage == .staging, let refusal = use.refusalOfOneMore(.staging) { throw refusal }
    if edition == .enterprise, let refusal = use.refusal(of: .enterprise) { throw refusal }
    if isTuned, let refusal = use.refusal(of: .instanceTuning) { throw refusal }
  }
}

extension InstanceSettings {
  /// Whether these settings differ from `other` in what a plan counts as tuning: everything but custom modules and
  /// whether a crashed Odoo is started again.
  func isTuned(from other: InstanceSettings) -> Bool {
    var same = self
    same.customModules = other.customModules
    same.autoRestart = other.autoRestart
    return same != other
  }
}
