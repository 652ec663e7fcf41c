import Foundation

/// Where an Odeum control plane answers: scheme, host, port and, behind a proxy, a path.
public struct ServerAddress: Sendable, Equatable, CustomStringConvertible {
  /// The address as text, without a slash at its end.
  public let description: String
  /// Whether what is sent there can be read on its way: plain HTTP to another machine.
  public let isExposed: Bool

  /// The address that a person typed. Without a scheme it is `http` for this machine and `https` for any other;
  /// a single word needs one.
  ///
  /// Throws `ClientError.badAddress` with what is wrong.
  public init(_ typed: String) throws(ClientError) {
    let typed = typed.trimmingCharacters(in: .whitespaces)
    let text =
      typed.contains("://")
      ? typed : "\(Self.isThisMachine(Self.host(of: typed)) ? "http" : "https")://\(typed)"
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
      let host = parts.host, !host.isEmpty
    else { throw .badAddress(typed, why: "it names no host") }
    // A single word is a slip of the keys more often than the name of a server.
    guard typed.contains(where: { ":./".contains($0) }) || Self.isThisMachine(host) else {
      throw .badAddress(typed, why: "http:// or https:// is missing")
    }
    guard scheme == "http" || scheme == "https" else {
      throw .badAddress(typed, why: "\(scheme) is neither http nor https")
    }
    guard parts.user == nil, parts.password == nil else {
      throw .badAddress("https://…@\(host)", why: "a user or password does not belong into it")
    }
    guard parts.query == nil, parts.fragment == nil else {
      throw .badAddress(typed, why: "it must end before any ? or #")
    }
    var path = parts.path
    while path.hasSuffix("/") { path.removeLast() }
    if path.hasSuffix(API.root) { path.removeLast(API.root.count) }
    description = "\(scheme)://\(host)\(parts.port.map { ":\($0)" } ?? "")\(path)"
    isExposed = scheme == "http" && !Self.isThisMachine(host)
  }

  private static func host(of text: String) -> String {
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") { return String(text[...end]) }
    return String(text.prefix { $0 != ":" && $0 != "/" })
  }

  private static func isThisMachine(_ host: String) -> Bool {
    ["localhost", "::1", "[::1]"].contains(host.lowercased()) || host.hasPrefix("127.")
  }
}
