/// Why no answer of the API could be had. What the API itself refuses is an ``API/Problem``.
public struct ClientError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of thing went wrong.
  public enum Kind: Sendable, Equatable {
    /// The address is none that could be asked.
    case badAddress
    /// Nothing took the connection.
    case unreachable
    /// The server's certificate or its TLS was refused.
    case untrusted
    /// No answer came in time, or the connection was lost under way.
    case interrupted
    /// Something answered that is not this API.
    case foreign
  }

  /// What kind of thing went wrong.
  public var kind: Kind
  /// What happened and where, one sentence.
  public var message: String
  /// What to do next.
  public var suggestion: String

  /// An error that says `message` and advises `suggestion`.
  public init(kind: Kind, message: String, suggestion: String) {
    self.kind = kind
    self.message = message
    self.suggestion = suggestion
  }

  /// The message and the suggestion.
  public var description: String { "\(message) \(suggestion)" }

  static func badAddress(_ text: String, why: String) -> ClientError {
    ClientError(
      kind: .badAddress, message: "“\(text)” is no address of an Odeum server: \(why).",
      suggestion: "give it as https://odeum.example.com or http://127.0.0.1:8600")
  }

  static func foreign(_ address: ServerAddress, _ what: String) -> ClientError {
    ClientError(
      kind: .foreign, message: "\(address) \(what).",
      suggestion: "check that the address is that of odeumd, and that both are of the same release")
  }
}
