import Docker
import Foundation
import Jobs
import Postgres
import Remote

/// An operation on one server.
protocol ServerJob: Job where Context == Hosting {
  /// How the audit log calls the request for it.
  static var action: AuditAction { get }
  /// The server that it works on.
  var server: UUID { get }
  /// Whether its steps wait for a server that does not answer, instead of failing at once.
  static var waitsForServer: Bool { get }
}

extension ServerJob {
  /// Says in the transaction that ends the job what has become of the server.
  func finished(_ outcome: JobOutcome, _ hosting: Hosting, _ transaction: any Transaction) async throws {
    guard case .failed(let reason) = outcome else { return }
    try await hosting.serverStore.setSeen(server, .unavailable, reason: reason, facts: nil, transaction)
  }
}

/// What a step of an operation on a server does.
typealias ServerAction = @Sendable (ServerWork) async throws -> Void

extension Step where J: ServerJob {
  /// A step of an operation on a server, done when `body` returns. It leaves nothing that would have to be undone.
  ///
  /// - Parameter waits: whether it waits for a server that does not answer.
  static func step(
    _ name: String, within deadline: Duration, waits: Bool = J.waitsForServer, _ body: @escaping ServerAction
  ) -> Step<J> {
    Step(name, deadline: deadline) { job, run, hosting in
      try await hosting.onServer(job.server, run, waits: waits, body)
      return .done
    }
  }
}

/// One step's work on one server.
struct ServerWork: Sendable {
  let server: Server
  let hosting: Hosting
  let run: StepRun

  /// - Throws: `HostingError` where the server is gone.
  init(on id: UUID, _ hosting: Hosting, _ run: StepRun) async throws {
    guard let server = try await hosting.serverStore.get(id, atOnce) else {
      throw HostingError.notFound("server", id.uuidString.lowercased())
    }
    self.server = server
    self.hosting = hosting
    self.run = run
  }

  var verdict: ServerVerdict { ServerVerdict(server: server.name) }

  /// Writes what was found into the job's log.
  func tell(_ remarks: [Remark]) {
    for remark in remarks { run.log(remark.text, level: remark.isWarning ? .warning : .info) }
  }

  /// Signs in for the length of `body`, to look.
  func visit<Result: Sendable>(
    _ body: @Sendable (ServerVisit) async throws -> Result
  ) async throws -> Result {
    try run.checkpoint()
    return try await hosting.fleet.visit(server, body)
  }

  /// As `visit`, to change something: once the server has a newer owner, nothing is run there any more. Its folders
  /// must be there, since they hold the epoch.
  func act<Result: Sendable>(
    _ body: @Sendable (ServerVisit) async throws -> Result
  ) async throws -> Result {
    try run.checkpoint()
    return try await hosting.fleet.visit(server, under: run.epoch, body)
  }
}

extension Hosting {
  /// Asks for `job` on `server`. The same request while it is under way returns what is under way.
  ///
  /// - Throws: `HostingError` with code `conflict` where something else is under way.
  func request<J: ServerJob>(
    _ job: J, on server: Server, by actor: Actor, in transaction: (any Transaction)? = nil
  ) async throws -> UUID {
    let options = EnqueueOptions(
      subject: server.id, organisation: actor.organisationID, requestedBy: actor.email, lane: server.id)
    func enqueue(_ transaction: any Transaction) async throws -> UUID {
      let id = try await jobs.enqueue(job, options: options, in: transaction).id
      try await note(J.action, .server(server), by: actor, transaction)
      return id
    }
    do {
      if let transaction { return try await enqueue(transaction) }
      return try await jobs.transaction { try await enqueue($0) }
    } catch let conflict as JobConflict {
      guard conflict.kind == J.kind else {
        throw HostingError(
          .conflict, "\(server.name) has a job under way: \(OperationKinds.title(conflict.kind)).",
          suggestion:
            "Wait until that has ended: odeum job show \(conflict.activeJobID.uuidString.lowercased()) --follow"
        )
      }
      return conflict.activeJobID
    }
  }
}
