/// One SQL statement, or a part of one, together with the values bound to it.
///
/// Written as a string literal. What stands in an interpolation never becomes SQL text:
///
/// ```swift
/// let open: SQL = "state = \(State.open)"                    // $1
/// "SELECT * FROM server WHERE \(open) AND id = \(id)"        // $1, $2: fragments are renumbered
/// "SELECT * FROM \(identifier: table)"                       // "table", quoted
/// "INSERT INTO event (body) VALUES (\(json: event))"         // jsonb
/// "SELECT * FROM job WHERE id = ANY(\(ids))"                 // an array is one value
/// ```
public struct SQL: Sendable, ExpressibleByStringInterpolation {
  /// The text around the parameters: always one more than there are values.
  private(set) var pieces: [String]
  private(set) var values: [PostgresValue]
  /// Why a value could not be encoded; thrown when the statement is run.
  private(set) var failure: PostgresEncodingError?

  /// A statement without values.
  public init(stringLiteral text: StaticString) {
    self.init(pieces: ["\(text)"], values: [], failure: nil)
  }

  /// A statement made of text and bound values.
  public init(stringInterpolation: StringInterpolation) {
    self = stringInterpolation.statement
  }

  init(pieces: [String], values: [PostgresValue], failure: PostgresEncodingError?) {
    self.pieces = pieces
    self.values = values
    self.failure = failure
  }

  /// The text as the server gets it, with `$1`, `$2`… for the values.
  public var text: String {
    guard !values.isEmpty else { return pieces[0] }
    var text = pieces[0]
    text.reserveCapacity(pieces.reduce(0) { $0 + $1.utf8.count + 3 })
    for number in 1..<pieces.count {
      text += "$"
      text += String(number)
      text += pieces[number]
    }
    return text
  }

  /// This statement followed by another one's text and values.
  public static func + (left: SQL, right: SQL) -> SQL {
    var sum = left
    sum.append(right)
    return sum
  }

  /// Fragments one after another with a constant text between them, such as `", "` or `" AND "`.
  public static func joined(_ fragments: some Sequence<SQL>, separator: StaticString) -> SQL {
    var joined: SQL = ""
    var isFirst = true
    for fragment in fragments {
      if !isFirst { joined.append(text: "\(separator)") }
      joined.append(fragment)
      isFirst = false
    }
    return joined
  }

  mutating func append(text: String) {
    pieces[pieces.count - 1] += text
  }

  mutating func append(_ value: PostgresValue) {
    values.append(value)
    pieces.append("")
  }

  mutating func append(_ fragment: SQL) {
    append(text: fragment.pieces[0])
    values += fragment.values
    pieces += fragment.pieces.dropFirst()
    failure = failure ?? fragment.failure
  }

  mutating func fail(_ error: PostgresEncodingError) {
    failure = failure ?? error
  }
}

extension SQL {
  /// Collects the text and the values of one literal. There is no way in for a `String` as SQL text.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var statement: SQL = SQL(pieces: [""], values: [], failure: nil)

    /// Makes room for a literal with that many values.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// The constant text of the program.
    public mutating func appendLiteral(_ literal: StaticString) {
      statement.append(text: "\(literal)")
    }

    /// Binds a value; an array is one value, a null optional is NULL.
    public mutating func appendInterpolation(_ value: some PostgresEncodable) {
      statement.append(PostgresValue(value))
    }

    /// Binds a value that may be missing; nil is NULL.
    public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
      statement.append(PostgresValue(value))
    }

    /// Splices a fragment; its values are renumbered.
    public mutating func appendInterpolation(_ fragment: SQL) {
      statement.append(fragment)
    }

    /// Quotes the name of a table, column, role or database.
    public mutating func appendInterpolation(identifier: String) {
      statement.append(text: SQL.quoted(identifier: identifier))
    }

    /// Splices a constant of the program as SQL text.
    public mutating func appendInterpolation(raw: StaticString) {
      statement.append(text: "\(raw)")
    }

    /// Binds a value as `jsonb`; dates become ISO 8601 with milliseconds. A value that cannot be encoded makes
    /// the statement throw `PostgresEncodingError` when it is run.
    public mutating func appendInterpolation(json value: some Encodable) {
      do {
        statement.append(try PostgresValue(json: value))
      } catch {
        statement.append(PostgresValue(type: .jsonb, bytes: nil))
        statement.fail(PostgresEncodingError(type: "\(type(of: value))", reason: "\(error)"))
      }
    }
  }

  /// A name as an identifier in SQL text: in double quotes, with quotes inside doubled.
  static func quoted(identifier: String) -> String {
    "\"" + identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}
