/// An API token's secret. It prints as `[redacted]` wherever it meets a string, a dump or a log; only the
/// `Authorization` header and the context file see `secret`.
public struct BearerToken: Sendable, Equatable {
  /// The secret itself.
  public let secret: String

  /// The token in `text`, without the white space around it; nil where nothing is left or where a character
  /// stands in it that no header may carry.
  public init?(_ text: some StringProtocol) {
    let trimmed = text.drop(while: \.isWhitespace)
    let end = trimmed.lastIndex { !$0.isWhitespace }
    guard let end else { return nil }
    let secret = String(trimmed[...end])
    guard secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
    self.secret = secret
  }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// `[redacted]`.
  public var description: String { "[redacted]" }
  /// `[redacted]`.
  public var debugDescription: String { description }
  /// A mirror without children.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
