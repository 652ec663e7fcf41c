import Foundation

/// One of the program's two outputs: what it is connected to, and what may be written there.
struct Terminal: Sendable {
  /// Results.
  static let output = Terminal(descriptor: STDOUT_FILENO)
  /// Progress, questions and errors.
  static let messages = Terminal(descriptor: STDERR_FILENO)

  let descriptor: Int32
  /// Whether a person looks at it.
  let isInteractive: Bool
  /// Colours and cursor movements, or none of them.
  let style: Style

  private init(descriptor: Int32) {
    self.descriptor = descriptor
    let environment = ProcessInfo.processInfo.environment
    isInteractive = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
    style = Style(
      hasColour: isInteractive && (environment["NO_COLOR"] ?? "").isEmpty,
      isUnicode: isInteractive && Self.isUTF8(environment))
  }

  /// How many columns a line may have; nil where nobody looks and lines may be as long as they are.
  var width: Int? {
    guard isInteractive else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes `text` and a newline.
  func line(_ text: String = "") { write(text + "\n") }

  /// Writes `text` as it is. Who reads from a pipe may stop reading; then there is nobody left to tell.
  func write(_ text: String) { write(Data(text.utf8)) }

  /// Writes `content` as it is.
  func write(_ content: Data) {
    var bytes = Array(content)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      // Others who have the same pipe or terminal may have made it non-blocking; then it is full just now.
      if count < 0, errno == EAGAIN {
        var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&room, 1, -1)
        continue
      }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  private static func isUTF8(_ environment: [String: String]) -> Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    return locale?.uppercased().replacing("-", with: "").contains("UTF8") ?? false
  }
}
