/// SQL for `psql`, its values kept apart from its text.
///
/// The text refers to the values as `:'name'` (a literal) and `:"name"` (an identifier), which `psql` quotes.
/// `psql` does so only in what it reads from a file or standard input, not in `-c`. `standardInput` gives the
/// values and the text together, so that no value shows in a process list.
public struct SQLScript: Hashable, Sendable {
  /// Which database to connect to.
  public enum Target: Hashable, Sendable {
    /// `postgres`, as a superuser: for what concerns the whole server.
    case server
    /// The instance's own database.
    case database(DatabaseName)

    /// The database's name.
    public var name: String {
      switch self {
      case .server: "postgres"
      case .database(let name): name.text
      }
    }
  }

  /// A value of the script.
  public struct Variable: Hashable, Sendable, CustomStringConvertible {
    /// The name after the colon.
    public var name: String
    /// The value, for `standardInput` only: passwords are among them.
    public var value: String
    /// Whether the value must not be shown.
    public var isSecret: Bool

    /// Name and value, a secret one hidden.
    public var description: String { "\(name)=\(isSecret ? "[redacted]" : value)" }
  }

  /// Where it runs.
  public var target: Target
  /// The statements.
  public var text: String
  /// The values.
  public var variables: [Variable]

  /// The arguments after `psql`: no start-up file, stop at the first error, tuples only, input from standard
  /// input. Host and user are the caller's to add.
  public var arguments: [String] {
    ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", target.name, "-f", "-"]
  }

  /// What goes to `psql`'s standard input: the values as `\set` commands, then the statements.
  public var standardInput: String {
    variables.map { "\\set \($0.name) \(Self.psqlLiteral($0.value))\n" }.joined() + text
  }

  /// An argument of a `psql` command in single quotes: quotes doubled, backslashes doubled, line ends
  /// escaped.
  static func psqlLiteral(_ value: String) -> String {
    var literal = "'"
    for scalar in value.unicodeScalars {
      switch scalar {
      case "'": literal += "''"
      case "\\": literal += "\\\\"
      case "\n": literal += "\\n"
      case "\r": literal += "\\r"
      default: literal.unicodeScalars.append(scalar)
      }
    }
    return literal + "'"
  }
}
