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
