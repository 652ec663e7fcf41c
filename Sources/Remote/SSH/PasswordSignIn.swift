import Foundation

/// Signs in to a server with a password, once, to leave a public key there.
///
/// The password reaches `ssh` through the program that it asks for one (`SSH_ASKPASS`), out of its environment: it is
/// on no command line and in no file.
public struct PasswordSignIn: Sendable {
  /// Where and as whom.
  public let target: SSHTarget
  private let password: Secret
  private let hostKeys: [HostKey]
  private let folder: String

  /// A sign-in that has not been tried yet.
  ///
  /// - Parameters:
  ///   - hostKeys: the keys of the host as a person has confirmed them; the password is sent to no other.
  ///   - folder: a folder in which a private folder may be made for a moment.
  public init(
    to target: SSHTarget, password: Secret, hostKeys: [HostKey], folder: String = NSTemporaryDirectory()
  ) {
    self.target = target
    self.password = password
    self.hostKeys = hostKeys
    self.folder = folder
  }

  /// Adds `publicKey` to what the user on the server lets in, unless it is there already.
  ///
  /// - Throws: `PasswordSignInError`; `SSHError`; `HostError` if `ssh` is missing; `CancellationError`.
  public func install(_ publicKey: String, timeout: Duration = .seconds(15)) async throws {
    let place = try PrivateFolder.make(in: folder)
    defer { PrivateFolder.remove(place) }
    try PrivateFolder.write(HostKey.knownHosts(hostKeys), to: "\(place)/hosts")
    try PrivateFolder.write(Self.answer, to: "\(place)/ask")
    guard chmod("\(place)/ask", 0o700) == 0 else {
      throw SSHError.localFolder(path: "\(place)/ask", reason: String(cString: strerror(errno)))
    }
    let result = try await LocalHost().run(
      command(publicKey, in: place, timeout: timeout), deadline: timeout * 2 + .seconds(15))
    guard !result.exitStatus.isSuccess else { return }
    throw error(result, timeout)
  }

  private static let answer = "#!/bin/sh\nprintf '%s\\n' \"$ODEUM_SSH_PASSWORD\"\n"

  /// What runs on the server; the key is read from its input. A last line without an end would swallow the new one.
  static let installing = Command(
    "sh", "-c",
    """
    set -eu
    umask 077
    read -r key
    mkdir -p -- "$HOME/.ssh"
    file=$HOME/.ssh/authorized_keys
    if [ -e "$file" ] && grep -qxF -e "$key" -- "$file"; then exit 0; fi
    if [ -s "$file" ] && [ -n "$(tail -c 1 -- "$file")" ]; then echo >>"$file"; fi
    printf '%s\\n' "$key" >>"$file"
    """)

  func command(_ publicKey: String, in place: String, timeout: Duration) throws -> Command {
    let options = [
      "StrictHostKeyChecking=yes", "UserKnownHostsFile=\"\(place)/hosts\"", "GlobalKnownHostsFile=/dev/null",
      "HostKeyAlias=\(HostKey.alias)", "CheckHostIP=no", "UpdateHostKeys=no", "VerifyHostKeyDNS=no",
      "PubkeyAuthentication=no", "IdentityAgent=none",
      "PreferredAuthentications=password,keyboard-interactive",
      "NumberOfPasswordPrompts=1", "ConnectionAttempts=1", "LogLevel=ERROR",
      "ConnectTimeout=\(max(1, timeout.components.seconds))", "ControlPath=none",
    ]
    let words: [Word] =
      ["-F", "none", "-T", "-l", Word(target.user), "-p", "\(target.port)"]
      + options.flatMap { ["-o", Word($0)] }
    return Command(
      "ssh", words: words,
      environment: [
        "SSH_ASKPASS": Word("\(place)/ask"), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0",
        "ODEUM_SSH_PASSWORD": Word(password), "LC_ALL": "C",
      ], input: Array((publicKey + "\n").utf8)
    ).operands(Word(target.destination), Word(bytes: try Self.installing.wireForm()))
  }

  private func error(_ result: CommandResult, _ timeout: Duration) -> any Error {
    let words = result.repairedErrorText + result.repairedText
    if words.contains("assword change required") || words.contains("required to change your password") {
      return PasswordSignInError.expired(host: target.name, user: target.user)
    }
    guard result.exitStatus == .exited(255) else {
      return PasswordSignInError.notInstalled(host: target.name, words: SSHError.lastLine(of: words))
    }
    let error = SSHError.classify(
      words, host: target.name, user: target.user, pinned: hostKeys, after: timeout)
    guard case .permissionDenied = error else { return error }
    let methods =
      words.range(of: "Permission denied (").map { words[$0.upperBound...].prefix { $0 != ")" } } ?? ""
    let takesPasswords =
      methods.isEmpty || methods.contains("password") || methods.contains("keyboard-interactive")
    return takesPasswords
      ? PasswordSignInError.refused(host: target.name, user: target.user)
      : PasswordSignInError.notOffered(host: target.name, user: target.user)
  }
}

/// Why a key could not be left on a server by password.
public enum PasswordSignInError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The user does not exist or has another password.
  case refused(host: String, user: String)
  /// The host lets nobody in by password, or not this user.
  case notOffered(host: String, user: String)
  /// The password must be changed by its owner before anything else.
  case expired(host: String, user: String)
  /// The user was let in, but the key could not be written.
  case notInstalled(host: String, words: String)

  /// What happened and where.
  public var message: String {
    switch self {
    case .refused(let host, let user): "\(host) does not accept this password for the user \(user)."
    case .notOffered(let host, let user): "\(host) does not let \(user) in by password."
    case .expired(let host, let user): "\(host) wants \(user) to choose a new password first."
    case .notInstalled(let host, let words): "The key could not be left on \(host): \(words)"
    }
  }

  /// What to do about it.
  public var suggestion: String {
    switch self {
    case .refused: "Check user and password: try them by hand with ssh."
    case .notOffered:
      "Give a private key that is let in there, or let Odeum make one and put its public half there."
    case .expired(let host, let user): "Sign in by hand once (ssh \(user)@\(host)), choose one, and use that."
    case .notInstalled: "Mend what the message says, or put the public key there by hand."
    }
  }

  /// The message and the suggestion.
  public var description: String { message + (message.hasSuffix(".") ? " " : ". ") + suggestion }
}
