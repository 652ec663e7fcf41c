import Foundation

/// Keeps this process alive when it writes to a program that no longer reads.
enum BrokenPipes {
  /// Installs, once, a handler for SIGPIPE that does nothing, unless somebody handles or ignores the signal
  /// already. The write then fails with EPIPE. A handler and not SIG_IGN, because an ignored signal stays ignored
  /// in a program that is started, unless whoever starts it takes care, while a handler is always reset.
  static func surviveOnce() { _ = installed }

  private static let installed: Void = {
    var action = sigaction()
    guard sigaction(SIGPIPE, nil, &action) == 0, action.__sigaction_handler.sa_handler == nil else { return }
    action.__sigaction_handler.sa_handler = { _ in }
    action.sa_flags = SA_RESTART
    sigaction(SIGPIPE, &action, nil)
  }()
}
