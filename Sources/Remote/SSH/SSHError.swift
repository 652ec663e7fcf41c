/// Why a host could not be used over SSH.
public enum SSHError: Error, Hashable, Sendable {
  /// The client is not installed on this machine.
  case clientMissing(program: String)
  /// A part of the target is not made of the characters it may have.
  case invalidTarget(part: String, value: String)
  /// The folder for a connection's files makes the path of its control socket longer than the system allows.
  case folderTooLong(String)
  /// A file or folder of the connection could not be made on this machine.
  case localFolder(path: String, reason: String)
  /// The private key is protected by a passphrase.
  case keyHasPassphrase
  /// The text is not a private key that OpenSSH reads.
  case keyUnreadable(reason: String)
  /// Nothing listens at the port.
  case refused(host: String)
  /// No answer in time while the connection was made.
  case connectTimedOut(host: String, after: Duration)
  /// The name has no address.
  case unknownHostName(host: String)
  /// We may not connect to where the address leads.
  case addressRefused(host: String)
  /// No way to the address.
  case unreachable(host: String, reason: String)
  /// No key is pinned for the host, so that nothing can be sent to it.
  case hostKeyUnknown(host: String)
  /// The host proves itself with another key than the pinned ones. `presented` is its fingerprint where the
  /// client tells it.
  case hostKeyChanged(host: String, expected: [String], presented: String?)
  /// The host does not accept the user with this key.
  case permissionDenied(host: String, user: String)
  /// The host's newer owner has raised the epoch above ours.
  case staleEpoch(host: String, epoch: Int, newest: Int)
  /// The connection ended. With a command: it had been sent, and may have run in part.
  case lost(host: String, command: String?, reason: String)
  /// The command was to be ended and the host did not confirm that it has.
  case endNotConfirmed(command: String, host: String, after: Duration)
  /// No session became free in time.
  case busy(host: String, after: Duration)
  /// The user's login shell on the host did not run what it was given.
  case shellUnusable(host: String, words: String)
  /// The connection was closed by us.
  case closed(host: String)
  /// A socket could not be forwarded.
  case notForwarded(host: String, socket: String, reason: String)
  /// Something else, in the words of the client.
  case other(host: String, words: String)
}

extension SSHError: CustomStringConvertible {
  /// What happened and where.
  public var message: String {
    switch self {
    case .clientMissing(let program): "\(program) is not installed on this machine, or may not be run."
    case .invalidTarget(let part, let value):
      "\(String(reflecting: value)) cannot be the \(part) of a server."
    case .folderTooLong(let folder):
      "The folder \(folder) is too deep for the sockets of connections."
    case .localFolder(let path, let reason):
      "\(path) could not be made on this machine: \(reason)"
    case .keyHasPassphrase: "The private key is protected by a passphrase."
    case .keyUnreadable(let reason): "The text is not a private key that OpenSSH reads: \(reason)"
    case .refused(let host): "\(host) refused the connection: nothing listens for SSH there."
    case .connectTimedOut(let host, let after): "\(host) did not answer within \(after.formatted)."
    case .unknownHostName(let host): "The name \(host) has no address."
    case .addressRefused(let host):
      "\(host) leads to no address that is public or opened to organisations; nothing was sent."
    case .unreachable(let host, let reason): "There is no way to \(host): \(reason)"
    case .hostKeyUnknown(let host): "No host key is pinned for \(host); nothing was sent to it."
    case .hostKeyChanged(let host, let expected, let presented):
      "\(host) has another host key than the pinned one (\(expected.joined(separator: ", ")))"
        + (presented.map { ": it showed \($0)" } ?? "") + ". Nothing was sent to it."
    case .permissionDenied(let host, let user): "\(host) does not accept our key for the user \(user)."
    case .staleEpoch(let host, let epoch, let newest):
      "\(host) belongs to a newer control plane (epoch \(newest), ours is \(epoch))."
    case .lost(let host, nil, let reason): "The connection to \(host) ended: \(reason)"
    case .lost(let host, let command?, let reason):
      "The connection to \(host) ended while \(command) ran there: \(reason)"
    case .endNotConfirmed(let command, let host, let after):
      "\(command) on \(host) was to be ended, and \(host) did not confirm that within \(after.formatted)."
    case .busy(let host, let after):
      "All sessions of the connection to \(host) were busy for \(after.formatted)."
    case .shellUnusable(let host, let words):
      "The login shell on \(host) did not run what it was given" + (words.isEmpty ? "." : ": \(words)")
    case .closed(let host): "The connection to \(host) was closed."
    case .notForwarded(let host, let socket, let reason):
      "The socket \(socket) of \(host) could not be forwarded: \(reason)"
    case .other(let host, let words): "The connection to \(host) failed: \(words)"
    }
  }

  /// What to do about it.
  public var suggestion: String {
    switch self {
    case .clientMissing: "Install openssh-client."
    case .invalidTarget(part: "address", _):
      "Give a host name or an IP address, without user, port or brackets."
    case .invalidTarget(part: "port", _): "Give a number from 1 to 65535."
    case .invalidTarget: "Use letters, digits, '.', '_' and '-', with a letter, digit or '_' in front."
    case .folderTooLong: "Use a shorter path for the data folder (at most 60 bytes up to there)."
    case .localFolder: "Give the user that Odeum runs as access to it, and look at the free disk space."
    case .keyHasPassphrase:
      "Remove the passphrase (ssh-keygen -p -N '' -f FILE) from a copy that is for Odeum only, or let Odeum "
        + "make a key."
    case .keyUnreadable: "Paste the whole file, from its BEGIN line to its END line, or let Odeum make a key."
    case .refused: "See that sshd runs on it and that the port is right."
    case .connectTimedOut, .unreachable: "See that it is up, and that no firewall stands between."
    case .unknownHostName: "Mend the name, or give the IP address."
    case .addressRefused:
      "Mend the address, or ask the operator to add the server, or to open its network (ODEUM_SERVER_NETWORKS)."
    case .hostKeyUnknown: "Scan its host key and compare the fingerprint with what the host itself says."
    case .hostKeyChanged:
      "If it was installed anew, scan and confirm its key again; else somebody may stand between: do not go on."
    case .permissionDenied(_, let user):
      "Add the server's public key to ~\(user)/.ssh/authorized_keys there, and check the permissions of both."
    case .staleEpoch: "Stop this control plane, or let it take the server over again."
    case .lost(_, .some, _): "Look at what the command had done; it is ended on the host."
    case .lost: "It is made anew by itself; if this happens often, look at the network and at sshd's log."
    case .endNotConfirmed: "Look for it on the host when the host answers again."
    case .busy: "Try again; if this lasts, look for commands that hang on the host."
    case .shellUnusable:
      "See that 'ssh USER@HOST /bin/sh -c true' works: no ForceCommand, no exit in the shell's start files."
    case .closed: "Open the connection again."
    case .notForwarded:
      "See that sshd there allows it (AllowStreamLocalForwarding) and that the user may open the socket."
    case .other: "Try it by hand with ssh -v."
    }
  }

  /// Whether the same may well succeed later without anybody mending anything.
  public var isTransient: Bool {
    switch self {
    case .refused, .connectTimedOut, .unknownHostName, .unreachable, .lost, .endNotConfirmed, .busy, .other:
      true
    default: false
    }
  }

  /// The message and the suggestion.
  public var description: String {
    message + (message.hasSuffix(".") ? " " : ". ") + suggestion
  }
}
