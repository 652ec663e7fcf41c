import Foundation
import Odoo

extension Hosting {
  /// Where an instance of such a demand goes best, with reasons: every server that the organisation of the one who
  /// asks may use, the best first.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  public func suggestPlacement(
    _ demand: Placement.Demand, by actor: Actor
  ) async throws -> [Placement.Suggestion] {
    try actor.require(.viewServers)
    return try await suggestions(demand, for: actor)
  }

  private func suggestions(_ demand: Placement.Demand, for actor: Actor) async throws -> [Placement
    .Suggestion]
  {
    let servers = try await serverStore.list(
      for: actor.organisationID, isOperator: actor.isOperator, atOnce
    ).filter { actor.reaches(server: $0.id) }
    let told = try await told(servers, to: actor)
    return Placement(
      demand: demand, diskFloorMB: configuration.diskFloorMB,
      told: Dictionary(uniqueKeysWithValues: told.map { ($0.id, $0) })
    ).suggestions(servers)
  }

  /// The server for a new instance: the one named `wish` (by name or id), or the one that suits it best.
  ///
  /// One that does not answer is taken where it was named or where there is no other, since it may answer again by
  /// the time it is used.
  ///
  /// - Throws: `HostingError`: `invalid` where there is no such server, `conflict` where it takes no such instance,
  ///   `unavailable` where there is none at all.
  func place(_ demand: Placement.Demand, wish: String?, by actor: Actor) async throws -> Placement.Suggestion
  {
    let suggestions = try await suggestions(demand, for: actor)
    if let wish, !wish.isEmpty {
      let found = try await serverStore.find(
        wish, for: actor.organisationID, isOperator: actor.isOperator, atOnce)
      guard let found, let named = suggestions.first(where: { $0.server.id == found.id }) else {
        throw HostingError.invalid(
          [.init("server", "There is no server “\(wish)” for \(actor.organisationSlug).")],
          suggestion: "Choose one of: \(suggestions.map(\.server.name).joined(separator: ", ")).")
      }
      try named.refuseUnlessPossible()
      return named
    }
    if let best = suggestions.first(where: \.isPossible)
      ?? suggestions.first(where: { $0.obstacles == [.unavailable] })
    {
      return best
    }
    guard !suggestions.isEmpty else {
      throw HostingError(
        .unavailable, "\(actor.organisationSlug) has no server.",
        suggestion: "Ask the operator to share one, or add one: odeum server add")
    }
    throw HostingError(
      .conflict,
      "No server takes this instance. "
        + suggestions.map { "\($0.server.name): \($0.refusal)" }.joined(separator: " "),
      suggestion: "Make room on one of them, or add another one: odeum server add",
      fields: [.init("server", "No server takes this instance.")])
  }

  /// What the policy of an instance’s server says of another stage for it.
  ///
  /// - Throws: `HostingError` with code `conflict` where it refuses.
  func refuseStage(_ stage: Stage, of instance: Instance) async throws {
    guard stage != instance.stage, var server = try await serverStore.get(instance.server.id, atOnce) else {
      return
    }
    server.load.stages[instance.stage, default: 1] -= 1
    let suggestion = Placement(demand: .init(stage: stage), diskFloorMB: 0).suggestion(server)
    guard suggestion.obstacles.contains(.stages) else { return }
    throw HostingError(
      .conflict, suggestion.refusal,
      suggestion: "Create it anew on another server, or change the policy: odeum server edit \(server.name) "
        + "--stage-policy warn", fields: [.init("stage", suggestion.refusal)])
  }
}

extension Placement.Suggestion {
  /// Why the instance cannot go there.
  fileprivate var refusal: String { refusals.joined(separator: " ") }

  fileprivate func refuseUnlessPossible() throws {
    let lasting = obstacles.filter { $0 != .unavailable }
    guard let first = lasting.first else { return }
    let next =
      switch first {
      case .mode:
        "Choose another server, or take this one into use again: odeum server activate \(server.name)"
      case .notValidated: "Validate it first: odeum server validate \(server.name)"
      case .stages:
        "Choose another server, or change its policy: odeum server edit \(server.name) --stage-policy warn"
      case .disk, .memory, .unavailable: "Make room there, or choose another server."
      }
    throw HostingError(
      first == .disk || first == .memory ? .unavailable : .conflict,
      "\(server.name) takes no such instance. \(refusal)",
      suggestion: next, fields: [.init("server", refusal)])
  }
}
