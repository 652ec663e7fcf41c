import Foundation
import Jobs
import JobsTesting

@testable import Hosting

/// Keeps the audit log in memory, without the chain.
struct MemoryAuditStore: AuditStore, MemoryStore {
  let tables: MemoryTables

  func add(_ note: AuditNote, _ transaction: (any Transaction)?) async throws {
    let (before, after) = try Self.changed(from: note.before, to: note.after)
    try await run(transaction) { transaction in
      let actor = note.actor
      // Nothing is ever taken out.
      let place = tables.audit.count(in: transaction) + 1
      let number = (tables.auditNumbers.get(actor.organisationID, in: transaction) ?? 0) + 1
      tables.auditNumbers.set(actor.organisationID, number, in: transaction)
      tables.audit.set(
        place,
        AuditEntry(
          id: number, at: Date(), organisation: actor.organisationID,
          person: actor.isPerson ? actor.userID : nil, who: actor.email, door: actor.door.rawValue,
          address: actor.address, action: note.action.rawValue, subject: note.subject, before: before,
          after: after), in: transaction)
    }
  }

  func list(_ filter: AuditFilter, before: Int?, limit: Int, _ transaction: (any Transaction)?) async throws
    -> [AuditEntry]
  {
    try await run(transaction) { transaction in
      Array(
        tables.audit.all(in: transaction) { filter.matches($0) && $0.id < before ?? .max }
          .map(\.row).reversed().prefix(limit))
    }
  }

  /// Of two JSON objects the members that differ.
  private static func changed(from before: String?, to after: String?) throws -> (String?, String?) {
    guard let before, let after else { return (before, after) }
    func members(_ text: String) throws -> [String: JSONMember] {
      try JSONDecoder().decode([String: JSONMember].self, from: Data(text.utf8))
    }
    let (old, new) = (try members(before), try members(after))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    func text(_ members: [String: JSONMember]) throws -> String {
      String(decoding: try encoder.encode(members), as: UTF8.self)
    }
    return (
      try text(old.filter { new[$0.key] != $0.value }), try text(new.filter { old[$0.key] != $0.value })
    )
  }
}

extension AuditFilter {
  fileprivate func matches(_ entry: AuditEntry) -> Bool {
    func contains(_ text: String) -> Bool {
      [entry.who, entry.subject.name, entry.before, entry.after].contains {
        $0?.lowercased().contains(text.lowercased()) ?? false
      }
    }
    func isOf(_ kind: String, among known: [UUID]?) -> Bool {
      guard entry.subject.kind == kind, let known else { return true }
      return entry.subject.id.map(known.contains) ?? false
    }
    return isOf("instance", among: instances) && isOf("server", among: servers)
      && entry.organisation == organisation && (person == nil || entry.person == person)
      && action.map { entry.action == $0 || entry.action.hasPrefix("\($0).") } ?? true
      && (subject == nil || entry.subject.id == subject)
      && from.map { entry.at >= $0 } ?? true && until.map { entry.at < $0 } ?? true
      && search.map { $0.isEmpty || contains($0) } ?? true
  }
}

/// Whatever a JSON object may hold.
private indirect enum JSONMember: Codable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSONMember])
  case object([String: JSONMember])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([JSONMember].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: JSONMember].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .null: try value.encodeNil()
    case .bool(let bool): try value.encode(bool)
    case .number(let number): try value.encode(number)
    case .text(let text): try value.encode(text)
    case .list(let list): try value.encode(list)
    case .object(let members): try value.encode(members)
    }
  }
}
