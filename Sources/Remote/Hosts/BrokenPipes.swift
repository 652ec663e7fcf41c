import Foundation

/// Keeps this process alive when it writes to a program that no longer reads.
enum BrokenPipes {
  /// Installs, once, a handler for SIGPIPE that does nothing, unless somebody handles or ignores the signal
  /// already. The write then fails with EPIPE. A handler and not SIG_IGN, because an ignored signal would stay
  /// ignored in every program that is started, while a handler is reset.
  static func surviveOnce() { _ = installed }

  private static let installed: Void = {
    var action = sigaction()
    guard sigaction(SIGPIPE, nil, &action) == 0, action.__sigaction_handler.sa_handler == nil else { return }
    action.__sigaction_handler.sa_handler = { _ in }
    action.sa_flags = SA_RESTART
    sigaction(SIGPIPE, &action, nil)
  }()
}
