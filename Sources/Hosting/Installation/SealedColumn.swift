import Foundation
import Postgres
import Remote

/// A column whose values are sealed under the master key, each for its own row.
///
/// All of them are in `all`: what changes the master key seals those anew, and no others.
struct SealedColumn: Sendable, Hashable {
  let table: String
  let column: String

  /// The password of the role as which Odoo connects to its database.
  static let databasePassword = SealedColumn(table: "instances", column: "database_password")
  /// Odoo's master password, which guards its database manager.
  static let masterPassword = SealedColumn(table: "instances", column: "master_password")
  /// The key with which the control plane signs in to a server.
  static let serverKey = SealedColumn(table: "servers", column: "private_key")
  /// What was asked for under a key of a request.
  static let wish = SealedColumn(table: "request_keys", column: "wish")
  /// The secret that a person's program makes codes from.
  static let secondFactor = SealedColumn(table: "people", column: "totp_secret")

  /// Every column that is sealed. A value outside of them would be lost when the master key is changed.
  static let all: [SealedColumn] = [databasePassword, masterPassword, serverKey, wish, secondFactor]

  /// What a value is bound to: table, row and column.
  func place(_ id: UUID) -> String { "\(table)/\(id)/\(column)" }

  /// The values that are there, by the ids of their rows.
  func values(_ connection: some SQLRunner) async throws -> [(id: UUID, sealed: Data)] {
    try await connection.query(
      """
      select id, \(identifier: column) as sealed from \(identifier: table)
      where \(identifier: column) is not null order by id
      """
    ).map { (try $0.get("id"), try $0.get("sealed")) }
  }
}

extension MasterKey {
  /// `secret`, sealed for that column of the row `id`.
  func seal(_ secret: Secret, in column: SealedColumn, of id: UUID) throws -> Data {
    try seal(secret, for: column.place(id))
  }

  /// What was sealed for that column of the row `id`.
  func open(_ sealed: Data, in column: SealedColumn, of id: UUID) throws -> Secret {
    try open(sealed, for: column.place(id))
  }

  /// The places of the sealed values that do not open under this key.
  func placesThatDoNotOpen(_ connection: some SQLRunner) async throws -> [String] {
    var places: [String] = []
    for column in SealedColumn.all {
      for (id, sealed) in try await column.values(connection) {
        if (try? open(sealed, in: column, of: id)) == nil { places.append(column.place(id)) }
      }
    }
    return places
  }
}
