import Crypto
import Foundation
import Postgres

/// An entry of the audit log by which its whole past can be recognised: to be noted where nobody who can change the
/// database can change it.
public struct AuditHead: Sendable, Equatable, CustomStringConvertible {
  /// The entry's number; 0 for an empty log.
  public var id: Int
  /// The entry's hash.
  public var hash: Data

  /// The entry `id` with that hash.
  public init(id: Int, hash: Data) {
    self.id = id
    self.hash = hash
  }

  /// Reads what ``description`` wrote; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let id = Int(parts[0]), id >= 0, parts[1].count.isMultiple(of: 2) else {
      return nil
    }
    var hash = Data()
    var rest = parts[1]
    while !rest.isEmpty {
      guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
      hash.append(byte)
      rest = rest.dropFirst(2)
    }
    self.init(id: id, hash: hash)
  }

  /// The number and, in hexadecimal digits, the hash: `42:9f86…`.
  public var description: String { "\(id):\(hash.map { String(format: "%02x", $0) }.joined())" }
}

/// The audit log is not what was written.
public struct AuditBroken: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, and where.
  public var description: String
}

extension Hosting {
  /// Reads the whole audit log and checks that no entry was changed, taken out or put in between. This is for the
  /// operator at the machine: no permission is asked.
  ///
  /// The hashes are made here anew, not by the database.
  ///
  /// - Parameter known: a head that was noted before, which must still be in the log.
  /// - Returns: the head of the log.
  /// - Throws: `AuditBroken` with the first entry that is not right.
  public func verifyAudit(since known: AuditHead? = nil) async throws -> AuditHead {
    var head = AuditHead(id: 0, hash: Data())
    var isKnown = known == nil || known == head
    var numbers: [UUID?: Int] = [:]
    while true {
      let rows = try await database.query(
        """
        select id, number, (extract(epoch from at) * 1000000)::bigint::text as at, organisation_id::text as organisation_id,
          person_id::text as person_id, who, door, address, action, kind, subject_id::text as subject_id, subject,
          before::text as before, after::text as after, previous, hash
        from audit_log where id > \(head.id) order by id limit 1000
        """)
      if rows.isEmpty { break }
      for row in rows {
        head = try Self.link(row, to: head)
        let organisation = try row.get("organisation_id", as: String?.self).flatMap { UUID(uuidString: $0) }
        numbers[organisation, default: 0] += 1
        // Not in the chain, since it follows from it.
        guard try row.get("number") == numbers[organisation] else {
          throw AuditBroken(
            description: "The entry \(head.id) of the audit log has another number than it had.")
        }
        if head.id == known?.id { isKnown = head == known }
      }
    }
    guard isKnown else {
      throw AuditBroken(
        description: "The audit log does not hold the entry \(known.map(\.description) ?? "") any more.")
    }
    return head
  }

  private static let chainedFields = [
    "at", "organisation_id", "person_id", "who", "door", "address", "action", "kind", "subject_id", "subject",
    "before",
    "after",
  ]

  private static func link(_ row: Row, to head: AuditHead) throws -> AuditHead {
    let id: Int = try row.get("id")
    guard id == head.id + 1 else {
      throw AuditBroken(description: "The entries \(head.id + 1) to \(id - 1) of the audit log are missing.")
    }
    guard try row.get("previous", as: Data.self) == head.hash else {
      throw AuditBroken(description: "The entry \(id) of the audit log does not follow the one before it.")
    }
    let fields = try [String(id)] + chainedFields.map { try row.get($0, as: String?.self) }
    let text = fields.map { field in
      (field.map { "\($0.utf8.count):\($0)" } ?? "-") + ";"
    }.joined()
    let hash = Data(SHA256.hash(data: head.hash + Data(text.utf8)))
    guard try row.get("hash", as: Data.self) == hash else {
      throw AuditBroken(description: "The entry \(id) of the audit log is not what was written.")
    }
    return AuditHead(id: id, hash: hash)
  }
}
