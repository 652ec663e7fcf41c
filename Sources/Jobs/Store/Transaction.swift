import Postgres

/// A transaction of whatever keeps the queue: what is written in it is there together with what it changes of jobs, or
/// neither is.
///
/// In the product it is a `Connection` to PostgreSQL. Tests keep the queue in memory, and the domain's stores beside it.
public protocol Transaction: Sendable {}

extension Connection: Transaction {}

extension Transaction {
  /// The connection of a transaction in PostgreSQL.
  ///
  /// Throws `ForeignTransaction` when it is none.
  public var connection: Connection {
    get throws {
      guard let connection = self as? Connection else {
        throw ForeignTransaction(kind: "\(Self.self)", wanted: "a connection to PostgreSQL")
      }
      return connection
    }
  }
}

extension Database {
  /// What runs the statements of a store that may be part of a transaction: that one's connection, or any.
  ///
  /// Throws `ForeignTransaction` when the transaction is not one of PostgreSQL.
  public func runner(in transaction: (any Transaction)?) throws -> any SQLRunner {
    try transaction?.connection ?? self
  }
}

/// A store was handed a transaction of another kind of store: a mistake of the program.
public struct ForeignTransaction: Error, Sendable, Hashable, CustomStringConvertible {
  /// What it was handed.
  public let kind: String
  /// What it can work with.
  public let wanted: String

  /// A mistake of these words.
  public init(kind: String, wanted: String) {
    self.kind = kind
    self.wanted = wanted
  }

  /// What does not fit.
  public var description: String { "a store that needs \(wanted) was handed a \(kind)" }
}
