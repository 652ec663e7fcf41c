import Remote

/// As whom commands run that change a server.
enum Privilege: Sendable, Hashable {
  /// The user is root.
  case root
  /// The user may become root without a password.
  case sudo

  /// The shell function `as_root`, for scripts of whoever has not asked which it is.
  static let asRoot = #"as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n -- "$@"; fi; }"#

  /// `command` as root. Its variables become words of `env`, since sudo clears the environment.
  func raising(_ command: Command) -> Command {
    guard self == .sudo else { return command }
    let variables = command.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" as Word }
    let before: [Word] = ["-n", "--"] + (variables.isEmpty ? [] : ["env"] + variables)
    return Command(
      "sudo", words: before + [Word(command.program)] + command.words, folder: command.folder,
      input: command.input)
  }
}
