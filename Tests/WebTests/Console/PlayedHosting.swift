import Foundation
import Odoo
import Remote
import Synchronization

@testable import Hosting
@testable import Web

/// Plays the domain for tests of pages: real rules for names and settings, but no database, and hosts that only pretend.
/// Jobs go through their steps at `pace`. What changed anything is counted.
final class PlayedHosting: ConsoleHosting {
  struct State {
    var people: [String: Actor] = [:]
    var sessions: [String: Actor] = [:]
    var links: [String: SignInLink.Purpose] = [:]
    var tokens: [APIToken] = []
    var members: [Member] = []
    var invitations: [Invitation] = []
    var hasSecondFactor = false
    var sendsMail = true
    var servers: [Server] = []
    var strays: [Stray] = []
    var backups = BackupStanding()
    var instances: [Instance] = []
    var operations: [Hosting.Operation] = []
    /// The organisation of each job that is not of acme.
    var places: [UUID: String] = [:]
    var logs: [UUID: [OperationLogLine]] = [:]
    var keys: [IdempotencyKey: UUID] = [:]
    var clearedInboxes: Set<UUID> = []
    /// What lets the next step of a server's validation end, by the server.
    var validations: [UUID: AsyncStream<Void>.Continuation] = [:]
    var onlookers: [UUID: AsyncStream<Change>.Continuation] = [:]
    /// The organisations beside acme to which everybody belongs.
    var otherOrganisations: [String] = []
    /// What the operator lets acme have.
    var plan = Plan()
    /// How often anything was changed.
    var changes = 0
    /// How often each use case was asked.
    var calls: [String: Int] = [:]
  }

  static let password = "correct horse"
  let state = Mutex(State())
  /// How long a step takes.
  let pace: Duration
  /// The lines of every instance's log.
  let lines: [InstanceLogLine]

  init(pace: Duration = .milliseconds(1), lines: [InstanceLogLine] = PlayedHosting.sampleLines) {
    self.pace = pace
    self.lines = lines
    let organisation = UUID()
    state.withLock { state in
      for role in [Role.owner, .viewer, .developer] {
        let actor = Actor(
          userID: UUID(), email: "\(role.rawValue)@example.org", organisationID: organisation,
          organisationSlug: "acme",
          role: role, isOperator: role == .owner, door: .console)
        state.people[actor.email] = actor
        state.members.append(
          Member(
            person: actor.userID, email: actor.email, role: role, grants: Grants(),
            hasSecondFactor: role == .owner,
            since: Date(), seenAt: nil))
        state.sessions[role.rawValue] = actor
      }
      var guarded = state.people["viewer@example.org"]!
      guarded.email = Self.guarded
      state.people[Self.guarded] = guarded
      state.links = [
        "choose": .setPassword, "enter": .signIn, "forgotten": .resetPassword, "lost": .secondFactorOff,
      ]
      state.servers = [
        Server(
          id: UUID(), name: "local", kind: .local, sharedWith: ["acme"], address: "127.0.0.1", exposed: false,
          mode: .active, stagePolicy: .warn, note: "", status: .ready, statusReason: "Answers.",
          seenAt: Date(),
          facts: ServerFacts(
            os: "Debian GNU/Linux 12 (bookworm)", docker: "28.2.2", cores: 2, memoryMB: 25_000,
            memoryAvailableMB: 19_200,
            diskMB: 250_000, diskFreeMB: 61_000), load: ServerLoad())
      ]
    }
  }

  /// The address of a person with a second factor.
  static let guarded = "guarded@example.org"

  static let sampleLines: [InstanceLogLine] = (1...40).map { (number: Int) -> InstanceLogLine in
    let hostile = "2026-11-21 03:00:20,001 1 WARNING shop odoo: <script>alert(\"log\")</script>"
    let text = number == 20 ? hostile : "2026-11-21 03:00:\(number),001 1 INFO shop werkzeug: line \(number)"
    let level = number % 10 == 0 ? "WARNING" : "INFO"
    return InstanceLogLine(
      time: Date(timeIntervalSince1970: Double(number)), source: .odoo, level: level, text: text)
  }

  var identities: Identities {
    Identities(
      session: { token, slug in
        guard var actor = self.state.withLock({ $0.sessions[token] }) else { return nil }
        // The same person in each of the organisations that he belongs to.
        let others = self.state.withLock { $0.otherOrganisations }
        actor.memberships = 1 + others.count
        if let slug, slug != actor.organisationSlug {
          guard others.contains(slug) else { throw HostingError.notFound("organisation", slug) }
          actor.organisationSlug = slug
        }
        return actor
      }, token: { _, _ in nil })
  }

  func count(_ name: String) { state.withLock { $0.calls[name, default: 0] += 1 } }

  /// Changes the state and tells those who look on.
  @discardableResult
  func change<Result>(_ change: Change, _ body: (inout State) throws -> sending Result) rethrows
    -> sending Result
  {
    let result = try state.withLock { state in
      state.changes += 1
      return try body(&state)
    }
    tell(change)
    return result
  }

  func tell(_ change: Change) {
    state.withLock { state in for onlooker in state.onlookers.values { onlooker.yield(change) } }
  }

  func changes(by actor: Actor) async throws -> AsyncStream<Change> {
    let (stream, continuation) = AsyncStream.makeStream(of: Change.self)
    let id = UUID()
    continuation.onTermination = { _ in self.state.withLock { _ = $0.onlookers.removeValue(forKey: id) } }
    state.withLock { $0.onlookers[id] = continuation }
    return stream
  }

  func servers(by actor: Actor) async throws -> [Server] { state.withLock { $0.servers } }
}
