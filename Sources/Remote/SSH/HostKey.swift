import Foundation

/// A key with which a host proves that it is itself.
public struct HostKey: Sendable, Hashable {
  /// Its kind, such as `ssh-ed25519`.
  public let type: String
  /// The key in base64, as in a known_hosts file.
  public let key: String
  /// Its SHA-256 fingerprint as OpenSSH shows it: `SHA256:…`.
  public let fingerprint: String

  /// A key of these parts.
  ///
  /// - Throws: `SSHError.keyUnreadable` if a part has other characters than it may.
  public init(type: String, key: String, fingerprint: String) throws(SSHError) {
    func made(_ text: String, of more: String) -> Bool {
      !text.isEmpty && text.utf8.allSatisfy { Self.alphanumeric.contains($0) || more.utf8.contains($0) }
    }
    guard made(type, of: "-.@"), made(key, of: "+/="), made(fingerprint, of: ":+/") else {
      throw .keyUnreadable(reason: "\(String(reflecting: "\(type) \(key)")) is not a host key")
    }
    self.type = type
    self.key = key
    self.fingerprint = fingerprint
  }

  /// The name under which all keys of one connection's known_hosts file stand (`HostKeyAlias`).
  static let alias = "odeum-server"

  /// The known_hosts file that pins `keys`.
  static func knownHosts(_ keys: [HostKey]) -> String {
    keys.map { "\(alias) \($0.type) \($0.key)\n" }.joined()
  }

  private static let alphanumeric = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
}

extension HostKey {
  /// Asks the host for its keys. Whoever answers could be anybody: a person, or another channel, must compare a
  /// fingerprint before the keys are pinned.
  ///
  /// - Returns: its keys, ed25519 first.
  /// - Throws: `SSHError` if it does not answer; `HostError` if `ssh-keyscan` is missing; `CancellationError`.
  public static func scan(_ target: SSHTarget, timeout: Duration = .seconds(10)) async throws -> [HostKey] {
    let seconds = max(1, timeout.components.seconds)
    let result = try await LocalHost().run(
      Command(
        "ssh-keyscan", "-T", "\(seconds)", "-p", "\(target.port)", "-t", "ed25519,ecdsa,rsa"
      ).operands(Word(target.destination)), deadline: timeout * 4 + .seconds(5))
    let lines = result.repairedText.split(separator: "\n").map { $0.split(separator: " ") }
      .filter { $0.count == 3 && $0[0] != "#" }
    guard !lines.isEmpty else { throw try await whyUnreachable(target, timeout) }
    let text = lines.map { "\(alias) \($0[1]) \($0[2])\n" }.joined()
    let prints = try await LocalHost().text(
      of: Command("ssh-keygen", "-l", "-f", "-", input: Array(text.utf8)), deadline: .seconds(20)
    ).split(separator: "\n").map { $0.split(separator: " ") }
    guard prints.count == lines.count, prints.allSatisfy({ $0.count > 2 }) else {
      throw SSHError.keyUnreadable(
        reason: "ssh-keygen gave \(prints.count) fingerprints of \(lines.count) keys")
    }
    return try zip(lines, prints).map { line, print throws(SSHError) in
      try HostKey(type: String(line[1]), key: String(line[2]), fingerprint: String(print[1]))
    }.sorted { rank($0) < rank($1) }
  }

  /// `ssh-keyscan` ends without a word where nobody listens; `ssh` tells why, and sends nothing without a known key.
  private static func whyUnreachable(_ target: SSHTarget, _ timeout: Duration) async throws -> SSHError {
    let seconds = max(1, timeout.components.seconds)
    let options = [
      "BatchMode=yes", "StrictHostKeyChecking=yes", "UserKnownHostsFile=/dev/null",
      "GlobalKnownHostsFile=/dev/null", "IdentityFile=none", "IdentityAgent=none", "LogLevel=ERROR",
      "ConnectTimeout=\(seconds)",
    ]
    let result = try await LocalHost().run(
      Command(
        "ssh",
        words: ["-F", "none", "-T", "-l", Word(target.user), "-p", "\(target.port)"]
          + options.flatMap { ["-o", Word($0)] }
      ).operands(Word(target.destination), "true"), deadline: timeout + .seconds(5))
    return SSHError.classify(
      result.repairedErrorText, host: target.name, user: target.user, pinned: [], after: timeout)
  }

  private static func rank(_ key: HostKey) -> Int {
    ["ssh-ed25519": 0, "ssh-rsa": 2][key.type] ?? 1
  }
}
