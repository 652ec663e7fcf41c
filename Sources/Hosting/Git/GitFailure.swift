import Foundation
import Odoo
import Remote

extension HostingError {
  /// What git's own words about `repository` mean to people, said on `server`. The texts are those of git 2.39
  /// and OpenSSH 9.2 in the C locale.
  static func git(
    _ words: String, repository: RepositoryAddress, branch: BranchName?, server: String
  ) -> HostingError {
    func has(_ markers: String...) -> Bool { markers.contains { words.contains($0) } }
    if has("couldn't find remote ref") { return .noBranch(branch, of: repository) }
    if has("terminal prompts disabled", "Authentication failed", "returned error: 401", "returned error: 403")
    {
      return HostingError(
        .invalid, "\(repository) asks for a password: it is private, or there is no such repository.",
        suggestion:
          "Check the address. A private repository is read over SSH (ssh://git@HOST/PATH) with a key that may read it."
      )
    }
    if has("unable to update url base from redirection", "returned error: 30") {
      return HostingError(
        .invalid,
        "\(repository) leads on to another address, which \(server) does not follow for organisations.",
        suggestion:
          "Give the address that it leads to: open it in a browser, and copy the one that is shown then.")
    }
    if has("Permission denied (", "Too many authentication failures") {
      return HostingError(
        .invalid, "\(repository) does not take the key of \(server), or there is none.",
        suggestion: "Put a key that may read the repository on \(server), as docs/operate.md says.")
    }
    if has("Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED") {
      return HostingError(
        .invalid, "The host of \(repository) has another SSH key than \(server) knows.",
        suggestion: "If that is right, remove the host's line from known_hosts, as docs/operate.md says.")
    }
    if has("SSL certificate", "certificate verification failed", "SSL: no alternative certificate") {
      return HostingError(
        .invalid, "The certificate of \(repository)'s host is not trusted on \(server): \(words.lastLine)",
        suggestion: "Mend the certificate, or add its authority on \(server) (update-ca-certificates).")
    }
    if has(
      "Could not resolve", "Failed to connect", "Couldn't connect", "Connection refused", "timed out",
      "Connection reset", "Network is unreachable", "No route to host", "returned error: 5",
      "returned error: 429", "early EOF", "RPC failed", "transfer rate", "Operation too slow",
      "Empty reply", "Connection closed")
    {
      return HostingError(
        .unavailable, "The host of \(repository) cannot be reached from \(server): \(words.lastLine)",
        suggestion: "Check the address and that \(server) reaches it: git ls-remote \(repository)")
    }
    if has(
      "not found", "does not exist", "does not appear to be a git repository", "is this a git repository",
      "Could not read from remote repository")
    {
      return HostingError(
        .invalid, "There is no repository at \(repository).", suggestion: "Check the address.")
    }
    if has("dumb http transport") {
      return HostingError(
        .invalid, "\(repository) is served as plain files, which Odeum does not fetch from.",
        suggestion: "Serve it by git's own protocol (git http-backend), as every Git host does.")
    }
    if has("No space left on device") {
      return HostingError(
        .unavailable, "The disk of \(server) is full: \(repository) could not be fetched.",
        suggestion: "Free some space there, then try again.")
    }
    return HostingError(
      .invalid, "Git could not fetch \(repository) on \(server): \(words.lastLine)",
      suggestion: "Mend what the message says, then try again.")
  }

  /// The repository has no such branch, or none at all.
  static func noBranch(_ branch: BranchName?, of repository: RepositoryAddress) -> HostingError {
    if let branch {
      HostingError(
        .invalid, "\(repository) has no branch “\(branch)”.",
        suggestion: "Choose one of its branches, or none for its default branch.")
    } else {
      HostingError(
        .invalid, "\(repository) has no default branch: it is empty, or its HEAD leads nowhere.",
        suggestion: "Push a commit, or name a branch.")
    }
  }
}

extension String {
  /// The last line with anything in it, without control characters and cut to what a message can hold: a
  /// repository's host may write what it likes.
  fileprivate var lastLine: String {
    // SSH failures end with a hint on access rights that hides the reason before it.
    let lines = split(whereSeparator: \.isNewline).map { TerminalCodes.stripped($0) }
      .filter { !$0.trimmingCharacters(in: .whitespaces).isEmpty }
    let hint = lines.firstIndex { $0.contains("Could not read from remote repository") } ?? lines.endIndex
    let line = lines[..<hint].last ?? lines.last ?? "it said nothing."
    return String(line.prefix(300))
  }
}
