import Foundation
import Hosting
import Remote

/// The use cases of the console that are about people: who belongs to an organisation, and how each signs in.
protocol PeopleHosting: Sendable {
  func members(by actor: Actor) async throws -> [Member]
  func changeMember(
    _ person: UUID, to role: Role, _ change: GrantsChange, by actor: Actor
  ) async throws -> Member
  func removeMember(_ person: UUID, by actor: Actor) async throws
  func invitations(by actor: Actor) async throws -> [Invitation]
  func invite(
    _ email: String, as role: Role, _ grants: Grants, by actor: Actor
  ) async throws -> CreatedInvitation
  func withdrawInvitation(_ id: UUID, by actor: Actor) async throws
  func openInvitation(_ token: String) async throws -> OpenInvitation?
  func acceptInvitation(
    _ token: String, password: String?, address: String, userAgent: String
  ) async throws -> SignedIn
  func acceptInvitation(_ token: String, by actor: Actor) async throws
  func mailInvitation(_ token: String, address: String) async throws

  func memberships(by actor: Actor) async throws -> [OrganisationMembership]
  func organisations(by actor: Actor) async throws -> [Organisation]
  func organisation(_ slug: String, by actor: Actor) async throws -> Organisation
  func createOrganisation(
    slug: String, name: String?, owner: String?, by actor: Actor
  ) async throws -> Organisation
  func changeOrganisation(
    _ slug: String, name: String?, plan: Plan?, by actor: Actor
  ) async throws -> Organisation
  func removeOrganisation(_ slug: String, by actor: Actor) async throws
  func plan(by actor: Actor) async throws -> PlanUse

  func changePassword(_ password: String, to newPassword: String, by actor: Actor) async throws
  func secondFactor(by actor: Actor) async throws -> (isOn: Bool, recoveryCodes: Int)
  func beginSecondFactor(password: String, by actor: Actor) async throws -> NewSecondFactor
  func confirmSecondFactor(_ code: String, by actor: Actor) async throws -> [Secret]
  func renewRecoveryCodes(password: String, by actor: Actor) async throws -> [Secret]
  func turnSecondFactorOff(password: String, by actor: Actor) async throws
  func sessions(by actor: Actor) async throws -> [Session]
  func endSession(_ id: UUID, by actor: Actor) async throws
  func endOtherSessions(by actor: Actor) async throws -> Int
}
