import Foundation
import Jobs

/// Writes and reads the audit log. Who keeps it numbers the entries and says when they were written.
protocol AuditStore: Sendable {
  /// Adds an entry. Other entries wait for the end of the transaction, so this comes late in it.
  func add(_ note: AuditNote, _ transaction: (any Transaction)?) async throws

  /// At most `limit` entries that match, before the one with that number, newest first.
  func list(_ filter: AuditFilter, before: Int?, limit: Int, _ transaction: (any Transaction)?) async throws
    -> [AuditEntry]
}

/// A change on its way into the audit log.
struct AuditNote: Sendable {
  var action: AuditAction
  var subject: AuditSubject
  /// What the thing was, as a JSON object; nil for a new one. Only the members that differ from `after` are kept.
  var before: String?
  /// What it is from now on; nil for one that is gone.
  var after: String?
  /// Who did it.
  var actor: Actor
}

extension Hosting {
  /// Notes in the audit log what `actor` did, in the transaction that does it.
  ///
  /// - Parameters:
  ///   - before: what the thing was; nil for a new one. Nothing secret may be in it.
  ///   - after: what it is from now on; nil for one that is gone.
  func note(
    _ action: AuditAction, _ subject: AuditSubject, before: (any Encodable & Sendable)? = nil,
    after: (any Encodable & Sendable)? = nil, by actor: Actor, _ transaction: (any Transaction)?
  ) async throws {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    func json(_ value: any Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    try await auditStore.add(
      AuditNote(
        action: action, subject: subject, before: try before.map(json), after: try after.map(json),
        actor: actor
      ), transaction)
  }
}
