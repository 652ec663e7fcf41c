import Foundation

/// Asks the person at the terminal.
enum Prompt {
  /// Whether there is a person to ask.
  static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && Terminal.messages.isInteractive }

  /// The line that is typed after `question`, nil at the end of input.
  static func ask(_ question: String) -> String? {
    Terminal.messages.write(question)
    return readLine()
  }

  /// Has the person type `name` before it is removed.
  ///
  /// - Parameters:
  ///   - warning: what goes with it.
  ///   - command: what removes it without asking, for where there is nobody to ask.
  /// - Throws: `CommandFailure` where the person typed something else, or there is none.
  static func confirm(removing name: String, saying warning: String, unasked command: String) throws {
    try confirm(
      name, saying: warning, asking: "\(name) may be removed", otherwise: "nothing was removed",
      unasked: command)
  }

  /// Has the person type the slug of `organisation` before he leaves it.
  ///
  /// - Throws: as `confirm(removing:)`.
  static func confirm(leaving organisation: String, saying warning: String, unasked command: String) throws {
    try confirm(
      organisation, saying: warning, asking: "you want to leave \(organisation)",
      otherwise: "you did not leave", unasked: command)
  }

  private static func confirm(
    _ name: String, saying warning: String, asking question: String, otherwise: String,
    unasked command: String
  ) throws {
    guard isPossible else {
      throw CommandFailure(
        status: .usage, message: "There is nobody to ask whether \(question).", next: command)
    }
    Terminal.messages.line(warning)
    guard ask("Type its name to go on: ")?.trimmingCharacters(in: .whitespaces) == name else {
      throw CommandFailure(status: .usage, message: "That is not its name; \(otherwise).")
    }
  }

  /// The line that is typed after `question`, without showing it.
  static func askSecret(_ question: String) -> String? {
    Terminal.messages.write(question)
    var settings = termios()
    guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return readLine() }
    var silent = settings
    silent.c_lflag &= ~tcflag_t(ECHO)
    // An interrupt would leave the terminal mute; it counts as an empty answer instead.
    silent.c_lflag &= ~tcflag_t(ISIG)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
      Terminal.messages.line()
    }
    guard let line = readLine(), !line.contains("\u{3}") else { return nil }
    return line
  }
}
