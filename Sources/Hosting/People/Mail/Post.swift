import Foundation
import Logging
import Mail

/// How the control plane writes to people.
public struct MailConfiguration: Sendable {
  /// Hands messages over.
  public var mailer: Mailer
  /// Where the console is reached, without a slash at the end. Links in messages begin with it and never with what a
  /// request says: whoever asks for a link must not choose where it leads.
  public var consoleURL: String

  /// A configuration of these parts.
  public init(mailer: Mailer, consoleURL: URL) {
    self.mailer = mailer
    let text = consoleURL.absoluteString
    self.consoleURL = text.hasSuffix("/") ? String(text.dropLast()) : text
  }
}

/// Sends messages behind the back of whoever asked for them, so that neither time nor answer tells him whether there
/// was one to send.
final class Post: Sendable {
  /// More wait for nobody: somebody floods us.
  private static let capacity = 1_000

  private let waiting: AsyncStream<@Sendable () async -> Void>
  private let add: AsyncStream<@Sendable () async -> Void>.Continuation

  init() {
    (waiting, add) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.capacity))
  }

  /// Has `work` done later on.
  func later(_ work: @escaping @Sendable () async -> Void) {
    add.yield(work)
  }

  /// Works until its task is cancelled.
  func run() async {
    for await work in waiting { await work() }
  }
}

extension Hosting {
  /// Whether messages can be sent.
  public var sendsMail: Bool { configuration.mail != nil }

  /// Sends the messages that nobody waits for, until its task is cancelled.
  public func runPost() async {
    await post.run()
  }
}
