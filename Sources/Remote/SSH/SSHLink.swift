/// The way to a running master: what a run of `ssh` needs to open a session in it.
struct SSHLink: Sendable, Hashable {
  /// The client, a name in `PATH` or a path.
  let program: String
  /// The address, for the client's messages only.
  let address: String
  /// The path of the master's control socket; every master has another one.
  let control: String

  /// What `ssh` says when there is no master. It would then make a connection of its own; that is to fail.
  static let noMaster = "odeum-no-master"

  /// The options, without the operands.
  var arguments: [String] {
    [
      "-F", "none", "-S", control, "-T", "-o", "ControlMaster=no", "-o", "BatchMode=yes",
      "-o", "LogLevel=ERROR", "-o", "StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=/dev/null",
      "-o", "GlobalKnownHostsFile=/dev/null", "-o", "IdentityFile=none", "-o", "IdentityAgent=none",
      "-o", "ProxyCommand=echo \(Self.noMaster) >&2",
    ]
  }

  /// A run of `ssh` that gives `line` to the login shell on the host.
  func command(_ line: String, input: [UInt8]? = nil) -> Command {
    Command(program, words: arguments.map { Word($0) }, input: input)
      .operands(Word(address), Word(line))
  }

  /// A request to the master itself, such as `check`.
  func control(_ request: String, _ words: Word...) -> Command {
    Command(program, words: arguments.map { Word($0) } + ["-O", Word(request)] + words)
      .operands(Word(address))
  }
}
