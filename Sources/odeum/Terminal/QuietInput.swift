import Foundation
import Synchronization

/// Keeps what is typed from appearing while something is drawn over itself. The keys are not lost: the shell gets them
/// afterwards.
enum QuietInput {
  private static let before = Mutex<termios?>(nil)

  /// From here on nothing that is typed appears.
  static func begin() {
    before.withLock { before in
      var settings = termios()
      guard before == nil, tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
      before = settings
      settings.c_lflag &= ~tcflag_t(ECHO)
      tcsetattr(STDIN_FILENO, TCSANOW, &settings)
      // However the program ends, the terminal must not stay mute.
      atexit { QuietInput.end() }
    }
  }

  /// What is typed appears again.
  static func end() {
    before.withLock { before in
      guard var settings = before else { return }
      tcsetattr(STDIN_FILENO, TCSANOW, &settings)
      before = nil
    }
  }
}
