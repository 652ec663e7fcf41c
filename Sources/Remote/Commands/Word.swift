/// One word of a command: an argument, or the value of an environment variable.
///
/// A word is bytes, since file names on Linux are bytes, of which parts may be secret. It is written as a string
/// literal; a `Secret` interpolated into it stays secret: `"--password=\(password)"` is sent whole and printed as
/// `--password=[redacted]`.
public struct Word: Sendable, Hashable {
  fileprivate enum Piece: Sendable, Hashable {
    case plain([UInt8])
    case secret(Secret)
  }

  private let pieces: [Piece]

  /// A word anyone may see.
  public init(_ text: String) {
    pieces = [.plain(Array(text.utf8))]
  }

  /// A word of any bytes, which anyone may see.
  public init(bytes: [UInt8]) {
    pieces = [.plain(bytes)]
  }

  /// A word that is a secret as a whole.
  public init(_ secret: Secret) {
    pieces = [.secret(secret)]
  }

  /// A word that is a secret as a whole.
  public static func secret(_ secret: Secret) -> Word {
    Word(secret)
  }

  /// Whether any part of the word is secret.
  public var isSecret: Bool {
    pieces.contains {
      guard case .secret = $0 else { return false }
      return true
    }
  }

  /// The bytes of the word with its secrets: what the program receives. For the wire only.
  public func reveal() -> [UInt8] {
    pieces.flatMap { piece -> [UInt8] in
      switch piece {
      case .plain(let bytes): bytes
      case .secret(let secret): Array(secret.reveal().utf8)
      }
    }
  }

  /// The word as text with its secrets, or `nil` if its bytes are not UTF-8. For the wire only.
  public func revealText() -> String? {
    String(validating: reveal(), as: UTF8.self)
  }

  /// The bytes of the word with `[redacted]` in the place of its secrets.
  var redacted: [UInt8] {
    pieces.flatMap { piece -> [UInt8] in
      switch piece {
      case .plain(let bytes): bytes
      case .secret: Array(Secret.redacted.utf8)
      }
    }
  }
}

extension Word: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  /// A word anyone may see.
  public init(stringLiteral text: String) {
    self.init(text)
  }

  /// A word whose secret parts are the secrets interpolated into it.
  public init(stringInterpolation: StringInterpolation) {
    pieces = stringInterpolation.pieces
  }

  /// Collects the parts of an interpolated word.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var pieces: [Piece] = []

    /// Starts an empty word.
    public init(literalCapacity: Int, interpolationCount: Int) {
      pieces.reserveCapacity(2 * interpolationCount + 1)
    }

    /// Adds a literal part.
    public mutating func appendLiteral(_ text: String) {
      if !text.isEmpty { pieces.append(.plain(Array(text.utf8))) }
    }

    /// Adds a part that stays secret.
    public mutating func appendInterpolation(_ secret: Secret) {
      pieces.append(.secret(secret))
    }

    /// Adds a word with its secrets kept secret.
    public mutating func appendInterpolation(_ word: Word) {
      pieces.append(contentsOf: word.pieces)
    }

    /// Adds a part anyone may see.
    public mutating func appendInterpolation(_ text: some StringProtocol) {
      appendLiteral(String(text))
    }

    /// Adds a number.
    public mutating func appendInterpolation(_ number: some BinaryInteger) {
      appendLiteral(String(number))
    }
  }
}

extension Word: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The word with its secrets redacted; bytes that are not UTF-8 show as U+FFFD.
  public var description: String { String(decoding: redacted, as: UTF8.self) }
  /// As `description`.
  public var debugDescription: String { description }
  /// A mirror that shows the redacted word only.
  public var customMirror: Mirror { Mirror(self, children: ["word": description]) }
}
