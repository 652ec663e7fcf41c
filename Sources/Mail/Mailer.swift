import Foundation
import Remote

/// Hands messages to an SMTP server, by `curl`.
public struct Mailer: Sendable {
  /// Where messages go.
  public let server: MailServer
  /// Whom they are from.
  public let sender: String
  /// The longest time that sending one may take.
  static let deadline = Duration.seconds(60)

  private let host: any Remote.Host

  /// A mailer that hands messages to `server` as `sender`, which is an address such as `odeum@example.org`.
  public init(server: MailServer, sender: String) {
    self.init(server: server, sender: sender, on: LocalHost())
  }

  init(server: MailServer, sender: String, on host: any Remote.Host) {
    self.server = server
    self.sender = sender
    self.host = host
  }

  /// Returns when the server has taken the message.
  ///
  /// - Throws: `MailError`; `CancellationError`, in which case it may have been taken or not.
  public func send(_ message: Message) async throws {
    for address in [message.to, sender] where !Self.isAddress(address) {
      throw MailError.badAddress(address)
    }
    do {
      let result = try await host.run(command(for: message), deadline: Self.deadline)
      guard result.exitStatus.isSuccess else {
        throw MailError.notTaken(
          to: message.to, server: "\(server.host):\(server.port)", reason: Self.reason(result))
      }
    } catch let error as HostError {
      throw MailError.notSent(to: message.to, reason: error.message)
    }
  }

  /// Everything about the message goes through standard input: the command line can be read by every user of the
  /// machine.
  func command(for message: Message) -> Command {
    Command("curl", "--disable", "--config", "-", input: Array(configuration(for: message).utf8))
  }

  private func configuration(for message: Message) -> String {
    let scheme = server.protection == .tls ? "smtps" : "smtp"
    let host = server.host.contains(":") ? "[\(server.host)]" : server.host
    let name = "\(UUID().uuidString.lowercased())@\(sender.split(separator: "@").last ?? "localhost")"
    let text = Self.quoted(message.text.replacing("\n", with: "\r\n"))
    var lines = [
      "silent", "show-error", "connect-timeout = 15", "max-time = 50", "noproxy = \"*\"",
      option("url", "\(scheme)://\(host):\(server.port)"),
      option("mail-from", "<\(sender)>"), option("mail-rcpt", "<\(message.to)>"),
      option("header", Header.line("From", "Odeum <\(sender)>")),
      option("header", Header.line("To", "<\(message.to)>")),
      option("header", Header.line("Subject", message.subject)),
      option("header", Header.line("Date", Self.date(Date()))),
      option("header", Header.line("Message-ID", "<\(name)>")),
      // No automatic answers to it (RFC 3834).
      option("header", Header.line("Auto-Submitted", "auto-generated")),
      // A quoted content is taken to the letter: it names no file.
      option("form", "=\(text);type=text/plain;charset=utf-8;encoder=quoted-printable"),
    ]
    if server.protection == .startTLS { lines.append("ssl-reqd") }
    if let account = server.account {
      lines.append(option("user", "\(account.user):\(account.password.reveal())"))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// An option of curl's configuration file (curl(1), `--config`).
  private func option(_ name: String, _ value: String) -> String {
    // Scalar by scalar: to Swift, CR and LF together are one character.
    let escaped = Self.quoted(value).unicodeScalars.map { scalar in
      switch scalar {
      case "\r": "\\r"
      case "\n": "\\n"
      default: String(scalar)
      }
    }
    return "\(name) = \(escaped.joined())"
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// Whether `text` can be an e-mail address.
  public static func isAddress(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
      && text.unicodeScalars.allSatisfy {
        !CharacterSet.whitespacesAndNewlines.union(.controlCharacters).contains($0)
          && !"<>,;\"\\".unicodeScalars.contains($0)
      }
  }

  /// A date as RFC 5322, section 3.3, has it.
  private static func date(_ date: Date) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(secondsFromGMT: 0)
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
    return format.string(from: date)
  }

  /// What curl said, without its name in front.
  private static func reason(_ result: CommandResult) -> String {
    let said = result.repairedErrorText.split(separator: "\n").last.map(String.init) ?? ""
    guard !said.isEmpty else { return "curl ended with \(result.exitStatus)." }
    return said.replacing(#/^curl: \(\d+\) /#, with: "")
  }
}

/// Why a message was not handed over.
public enum MailError: Error, Equatable, CustomStringConvertible {
  /// No server would know where that is.
  case badAddress(String)
  /// The server was not reached, or did not take the message; `reason` is in its own or curl's words.
  case notTaken(to: String, server: String, reason: String)
  /// Sending did not even begin, or did not end.
  case notSent(to: String, reason: String)

  /// What happened, and where.
  public var description: String {
    switch self {
    case .badAddress(let address): "“\(address)” is no e-mail address."
    case .notTaken(let to, let server, let reason): "\(server) did not take the message to \(to): \(reason)"
    case .notSent(let to, let reason): "The message to \(to) was not sent: \(reason)"
    }
  }
}
