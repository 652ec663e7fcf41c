import Foundation
import Hosting

/// The use cases that the console offers. `Hosting` is the one in service; tests of pages put a played one in its place.
protocol ConsoleHosting: PeopleHosting, AuditSource {
  func signIn(
    email: String, password: String, address: String, userAgent: String
  ) async throws -> SignInOutcome
  func signIn(challenge: String, code: String, address: String, userAgent: String) async throws -> SignedIn
  func signOut(session token: String, address: String) async throws
  func signInLink(_ token: String) async throws -> SignInLink?
  func useSignInLink(
    _ token: String, newPassword: String?, address: String, userAgent: String
  ) async throws -> SignedIn
  var sendsMail: Bool { get }
  func requestNewPassword(for email: String, address: String) async throws
  func resetPassword(_ token: String, newPassword: String, address: String) async throws
  func requestSecondFactorOff(challenge: String, address: String) async throws
  func turnSecondFactorOff(link token: String, password: String, address: String) async throws
  func tokens(by actor: Actor) async throws -> [APIToken]
  func createToken(
    name: String, expiresAt: Date?, scopes: [String]?, by actor: Actor
  ) async throws -> CreatedToken
  func revokeToken(_ id: UUID, by actor: Actor) async throws

  func servers(by actor: Actor) async throws -> [Server]
  func server(_ reference: String, by actor: Actor) async throws -> Server
  func hostKeys(of address: String, port: Int, by actor: Actor) async throws -> [PinnedHostKey]
  func addServer(_ wish: NewServer, by actor: Actor) async throws -> ChangedServer
  func editServer(_ reference: String, _ change: ServerChange, by actor: Actor) async throws -> ChangedServer
  func setMode(of reference: String, to mode: Server.Mode, by actor: Actor) async throws -> Server
  func validateServer(_ reference: String, by actor: Actor) async throws -> Hosting.Operation
  func prepareServer(_ reference: String, by actor: Actor) async throws -> Hosting.Operation
  func removeServer(_ reference: String, force: Bool, by actor: Actor) async throws
  func strays(by actor: Actor) async throws -> [Stray]
  func stray(_ id: UUID, by actor: Actor) async throws -> Stray
  func removeStray(_ id: UUID, by actor: Actor) async throws
  func suggestPlacement(
    _ demand: Placement.Demand, by actor: Actor
  ) async throws -> [Placement.Suggestion]

  func standing(by actor: Actor) async throws -> Standing
  func backupStanding(by actor: Actor) async throws -> BackupStanding
  func instances(
    on server: UUID?, stage: Stage?, status: InstanceStatus?, search: String?, page: PageRequest,
    by actor: Actor
  ) async throws -> Page<InstanceSummary>
  func instance(_ reference: String, by actor: Actor) async throws -> Instance
  func createInstance(
    _ wish: NewInstance, idempotencyKey: IdempotencyKey?, by actor: Actor
  ) async throws -> CreatedInstance
  func startInstance(_ reference: String, by actor: Actor) async throws -> Hosting.Operation
  func stopInstance(_ reference: String, by actor: Actor) async throws -> Hosting.Operation
  func restartInstance(
    _ reference: String, mode: RestartMode, by actor: Actor
  ) async throws -> Hosting.Operation
  func removeInstance(_ reference: String, by actor: Actor) async throws -> Hosting.Operation
  func moveInstance(_ reference: String, to stage: Stage, by actor: Actor) async throws -> Instance
  func databaseAccess(of reference: String, by actor: Actor) async throws -> DatabaseAccess
  func changeSettings(
    of reference: String, _ change: SettingsChange, expectedRevision: Int?, by actor: Actor
  ) async throws -> ChangedSettings
  func previewSettings(
    of reference: String, _ change: SettingsChange, by actor: Actor
  ) async throws -> SettingsPreview
  func mail(of reference: String, page: PageRequest, by actor: Actor) async throws -> Inbox
  func mail(_ id: String, of reference: String, by actor: Actor) async throws -> CaughtMail
  func mailAttachment(
    _ part: String, in id: String, of reference: String, by actor: Actor
  ) async throws -> MailFile
  func clearMail(of reference: String, by actor: Actor) async throws
  func log(
    of reference: String, source: LogSource, tail: Int, follow: Bool, by actor: Actor
  ) async throws -> AsyncThrowingStream<InstanceLogLine, any Error>

  func operations(
    of instance: String?, page: PageRequest, by actor: Actor
  ) async throws -> Page<Hosting.Operation>
  func operations(
    onServer reference: String, page: PageRequest, by actor: Actor
  ) async throws -> Page<Hosting.Operation>
  func operation(_ id: UUID, by actor: Actor) async throws -> Hosting.Operation
  func operationLog(
    _ id: UUID, after: Int, limit: Int, by actor: Actor
  ) async throws -> [OperationLogLine]
  func followOperation(
    _ id: UUID, after: Int, by actor: Actor
  ) async throws -> AsyncThrowingStream<OperationEvent, any Error>
  func operationToCancel(_ id: UUID, by actor: Actor) async throws -> Hosting.Operation
  func cancelOperation(_ id: UUID, by actor: Actor) async throws -> Hosting.Operation
  func changes(by actor: Actor) async throws -> AsyncStream<Change>
}

extension Hosting: ConsoleHosting {}

extension ConsoleHosting {
  /// Every instance that exists for the one who asks, by name; of `server` alone, where it is given. Pages that would be
  /// wrong with a part of them show all.
  func everyInstance(on server: UUID? = nil, by actor: Actor) async throws -> [InstanceSummary] {
    var all: [InstanceSummary] = []
    var request = PageRequest(limit: 200)
    repeat {
      let page = try await instances(
        on: server, stage: nil, status: nil, search: nil, page: request, by: actor)
      all += page.items
      request.cursor = page.nextCursor
    } while request.cursor != nil
    return all
  }
}
