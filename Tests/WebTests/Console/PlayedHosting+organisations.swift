import Foundation

@testable import Hosting
@testable import Web

extension PlayedHosting {
  func memberships(by actor: Actor) async throws -> [OrganisationMembership] {
    (["acme"] + state.withLock { $0.otherOrganisations }).map {
      OrganisationMembership(slug: $0, name: $0.capitalized, role: actor.role)
    }
  }

  func organisations(by actor: Actor) async throws -> [Organisation] {
    try actor.requireOperator()
    return (["acme"] + state.withLock { $0.otherOrganisations }).map(organisation)
  }

  func organisation(_ slug: String, by actor: Actor) async throws -> Organisation {
    guard let found = try await organisations(by: actor).first(where: { $0.slug == slug }) else {
      throw HostingError.notFound("organisation", slug)
    }
    return found
  }

  func createOrganisation(
    slug: String, name: String?, owner: String?, by actor: Actor
  ) async throws -> Organisation {
    try actor.requireOperator()
    guard slug != "acme" else {
      throw HostingError(
        .conflict, "There is an organisation “acme” already.",
        fields: [.init("slug", "There is an organisation “acme” already.")])
    }
    state.withLock { state in
      state.changes += 1
      state.otherOrganisations.append(slug)
    }
    return organisation(slug)
  }

  func changeOrganisation(
    _ slug: String, name: String?, plan: Plan?, by actor: Actor
  ) async throws -> Organisation {
    try actor.requireOperator()
    state.withLock { state in
      state.changes += 1
      state.plan = plan ?? state.plan
    }
    return organisation(slug)
  }

  func removeOrganisation(_ slug: String, by actor: Actor) async throws {
    guard slug != "acme" else {
      throw HostingError(
        .conflict, "acme cannot be removed: it still has the instance shop.",
        suggestion: "Remove or move those first, then remove the organisation again.")
    }
    state.withLock { state in
      state.changes += 1
      state.otherOrganisations.removeAll { $0 == slug }
    }
  }

  func plan(by actor: Actor) async throws -> PlanUse {
    PlanUse(
      organisation: "acme", plan: state.withLock { $0.plan },
      used: state.withLock { state in
        [
          .instancesPerProject: state.instances.count, .servers: 0,
          .staging: state.instances.count { $0.stage == .staging },
        ]
      })
  }

  private func organisation(_ slug: String) -> Organisation {
    Organisation(
      id: UUID(), slug: slug, name: slug.capitalized, createdAt: Date(), members: 3,
      plan: PlanUse(
        organisation: slug, plan: state.withLock { $0.plan }, used: [.instancesPerProject: 2, .servers: 1]))
  }
}
