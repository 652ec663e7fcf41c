import Foundation

extension SSHError {
  /// What the words of `ssh` mean that ended before the connection was usable.
  ///
  /// The texts are those of OpenSSH 8.4 to 9.9 (ssh.c, sshconnect.c, sshconnect2.c) and of the C library.
  static func classify(
    _ words: String, host: String, user: String, pinned: [HostKey], after limit: Duration
  ) -> SSHError {
    func has(_ texts: String...) -> Bool { texts.contains { words.contains($0) } }
    if has("REMOTE HOST IDENTIFICATION HAS CHANGED", "Host key verification failed", "strict checking") {
      guard !pinned.isEmpty else { return .hostKeyUnknown(host: host) }
      return .hostKeyChanged(
        host: host, expected: pinned.map(\.fingerprint), presented: fingerprint(in: words))
    }
    if has("Permission denied", "Too many authentication failures") {
      return .permissionDenied(host: host, user: user)
    }
    if has("Connection refused") { return .refused(host: host) }
    if has("timed out", "Connection timeout", "Timeout, server") {
      return .connectTimedOut(host: host, after: limit)
    }
    if has("Could not resolve hostname", "getaddrinfo") { return .unknownHostName(host: host) }
    if has("No route to host", "Network is unreachable", "Host is unreachable") {
      return .unreachable(host: host, reason: lastLine(of: words))
    }
    if has("closed by remote host", "Connection reset", "Connection closed", "Broken pipe") {
      return .lost(host: host, command: nil, reason: lastLine(of: words))
    }
    return .other(host: host, words: lastLine(of: words))
  }

  /// The last line of `words` that is not empty.
  static func lastLine(of words: String) -> String {
    words.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .last { !$0.isEmpty } ?? "ssh ended without a word"
  }

  private static func fingerprint(in words: String) -> String? {
    guard let start = words.range(of: "SHA256:") else { return nil }
    let body = words[start.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "+" || $0 == "/" }
    return body.isEmpty ? nil : "SHA256:\(body)"
  }
}
