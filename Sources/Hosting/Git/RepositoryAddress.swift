import Odoo

/// The address of a Git repository on another machine, found harmless: `https://`, `http://`, `ssh://` or
/// `user@host:path`.
///
/// Everything else that git takes for an address (folders, `file://`, `ext::` and other helpers, options) is
/// refused, and so is a password: addresses are shown, logged and given to programs.
public struct RepositoryAddress: Hashable, Sendable, CustomStringConvertible {
  /// The longest address in characters.
  public static let maximumLength = 500

  /// The checked text.
  public let text: String

  /// Checks an address. Messages never repeat it, since it may hold a password.
  ///
  /// - Throws: `InputProblem` on `field`.
  public init(_ text: String, field: String = "repository") throws(InputProblem) {
    if let fault = Self.fault(in: text) {
      throw InputProblem(field: field, message: fault.message, suggestion: fault.suggestion)
    }
    self.text = text
  }

  /// The text itself.
  public var description: String { text }

  /// The repository's name: the last part of its path, without `.git`.
  public var name: String {
    let last = withoutSuffix.split { $0 == "/" || $0 == ":" }.last ?? ""
    return String(last)
  }

  /// The host, as a name or a number; an IPv6 address without its brackets.
  public var host: String {
    let authority = String(text[authorityRange])
    if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
    return String(authority.prefix { $0 != ":" })
  }

  /// The port that git connects to.
  public var port: Int {
    let usual = text.hasPrefix("https://") ? 443 : text.hasPrefix("http://") ? 80 : 22
    let authority = text[authorityRange]
    guard authority.last != "]", let colon = authority.lastIndex(of: ":") else { return usual }
    return Int(authority[authority.index(after: colon)...]) ?? usual
  }

  /// Whether git fetches from it over HTTP, with or without TLS.
  public var isHTTP: Bool { text.hasPrefix("http://") || text.hasPrefix("https://") }

  /// Where the host stands, with its port.
  private var authorityRange: Range<String.Index> {
    let start = text.range(of: "://")?.upperBound ?? text.startIndex
    let end = text[start...].firstIndex(of: "/") ?? text.endIndex
    let host = text[start..<end].lastIndex(of: "@").map { text.index(after: $0) } ?? start
    guard start == text.startIndex else { return host..<end }
    return host..<(text[host...].firstIndex(of: ":") ?? end)
  }

  /// Whether this is the same address as `other` but for what git does not mind.
  func isSame(as other: RepositoryAddress) -> Bool { withoutSuffix == other.withoutSuffix }

  private var withoutSuffix: Substring {
    var rest = text[...]
    while rest.last == "/" { rest.removeLast() }
    return rest.hasSuffix(".git") ? rest.dropLast(4) : rest
  }

  // MARK: - Checking

  private typealias Fault = (message: String, suggestion: String)

  private static let forms =
    "Write it as https://HOST/PATH, http://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH."

  private static func fault(in text: String) -> Fault? {
    if text.isEmpty { return ("The repository's address is empty.", forms) }
    if text.count > maximumLength {
      return ("The repository's address is longer than \(maximumLength) characters.", forms)
    }
    if text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value >= 0x7F }) {
      return (
        "The repository's address has a blank, a control character or a letter that is not ASCII.",
        "Type it anew; in a path, such letters are written as %20 and the like."
      )
    }
    if let rest = text.rest(after: "https://") ?? text.rest(after: "http://") {
      guard !rest.prefix(while: { $0 != "/" }).contains("@") else {
        return (
          "The repository's address holds a user or a password, which everybody who sees the instance would read.",
          "Give the address without it, and withdraw a password or token that stood there. Private repositories are read over SSH, with a deploy key."
        )
      }
      return fault(inPlace: rest)
    }
    if let rest = text.rest(after: "ssh://") {
      let authority = rest.prefix { $0 != "/" }
      guard let at = authority.lastIndex(of: "@") else { return fault(inPlace: rest) }
      return fault(inUser: authority[..<at]) ?? fault(inPlace: rest[rest.index(after: at)...])
    }
    guard !text.contains("://"), let at = text.firstIndex(of: "@"),
      let colon = text[at...].firstIndex(of: ":"), !text[..<colon].contains("/")
    else { return ("This is no address of a repository that Odeum can reach.", forms) }
    let path = text[text.index(after: colon)...]
    return fault(inUser: text[..<at]) ?? fault(inHost: text[text.index(after: at)..<colon])
      ?? fault(inPath: path)
  }

  /// What is wrong with `HOST[:PORT]/PATH`.
  private static func fault(inPlace place: Substring) -> Fault? {
    let authority = place.prefix { $0 != "/" }
    var host = authority
    if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
      host = authority[..<colon]
      let port = authority[authority.index(after: colon)...]
      guard port.allSatisfy(\.isNumber), let number = Int(port), (1...65_535).contains(number) else {
        return ("The port in the repository's address is no number from 1 to 65535.", forms)
      }
    }
    return fault(inHost: host) ?? fault(inPath: place.dropFirst(authority.count + 1))
  }

  private static func fault(inUser user: Substring) -> Fault? {
    if user.contains(":") {
      return (
        "The repository's address holds a password, which everybody who sees the instance would read.",
        "Give the address without it, and withdraw that password."
      )
    }
    guard !user.isEmpty, !user.hasPrefix("-"), consists(user, of: "._-") else {
      return ("The user in the repository's address has a character that cannot stand there.", forms)
    }
    return nil
  }

  private static func fault(inHost host: Substring) -> Fault? {
    if host.hasPrefix("["), host.hasSuffix("]") {
      let address = host.dropFirst().dropLast()
      if !address.isEmpty, address.allSatisfy({ $0.isHexDigit || ":.".contains($0) }) { return nil }
    } else if !host.isEmpty, !host.hasPrefix("-"), !host.hasPrefix("."), consists(host, of: ".-") {
      return nil
    }
    return ("The repository's address has no host, or one that cannot be a host's name.", forms)
  }

  private static func fault(inPath path: Substring) -> Fault? {
    let parts = path.split(separator: "/")
    guard !parts.isEmpty, !path.hasPrefix("-"), !parts.contains(".."), consists(path, of: "/._~+%-") else {
      return (
        "The path in the repository's address is empty, or has a character that cannot stand there.", forms
      )
    }
    return nil
  }

  private static func consists(_ text: Substring, of others: String) -> Bool {
    text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || others.contains($0) }
  }
}

extension RepositoryAddress: Codable {
  /// Reads and checks a plain string.
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  /// Writes a plain string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension String {
  fileprivate func rest(after prefix: String) -> Substring? {
    hasPrefix(prefix) ? dropFirst(prefix.count) : nil
  }
}
