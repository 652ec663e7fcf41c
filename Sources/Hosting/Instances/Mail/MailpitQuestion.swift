import Remote

/// A request of Mailpit's HTTP API, sent by `curl` on the server itself: the catcher listens on the server's loopback only.
struct MailpitQuestion: Sendable, Equatable {
  /// `GET` unless something is to be removed.
  var method = "GET"
  /// Path and query below `/api/v1`.
  var path: String
  /// JSON to send; nil for none.
  var body: String?
  /// The message that it is about.
  var message: String?

  /// The largest file of a message that is fetched, in bytes.
  static let largestPart = 32 << 20

  /// Messages, newest first.
  static func list(start: Int, limit: Int) -> MailpitQuestion {
    MailpitQuestion(path: "/messages?start=\(start)&limit=\(limit)")
  }

  static func message(_ id: String) -> MailpitQuestion {
    MailpitQuestion(path: "/message/\(id)", message: id)
  }

  static func headers(_ id: String) -> MailpitQuestion {
    MailpitQuestion(path: "/message/\(id)/headers", message: id)
  }

  static func part(message: String, part: String) -> MailpitQuestion {
    MailpitQuestion(path: "/message/\(message)/part/\(part)", message: message)
  }

  /// Removes every message.
  static let clear = MailpitQuestion(method: "DELETE", path: "/messages", body: #"{"IDs":[]}"#)

  /// The command that asks it of the catcher at `port`. It prints the answer's body, and behind it three digits: the
  /// HTTP status.
  func command(port: Int) -> Command {
    var words: [Word] = [
      "--silent", "--show-error", "--globoff", "--noproxy", "*", "--max-time", "20", "--request",
      Word(method), "--write-out", "%{http_code}",
    ]
    if let body { words += ["--header", "Content-Type: application/json", "--data-binary", Word(body)] }
    return Command("curl", words: words + ["--", Word("http://127.0.0.1:\(port)/api/v1\(path)")])
  }

  /// Status and body of what `command(port:)` printed; nil where that is no such thing.
  static func answer(in printed: [UInt8]) -> (status: Int, body: [UInt8])? {
    guard printed.count >= 3, let status = Int(String(decoding: printed.suffix(3), as: UTF8.self)) else {
      return nil
    }
    return (status, Array(printed.dropLast(3)))
  }

  /// `id`, which is in a path later, as the id of a message.
  ///
  /// - Throws: `HostingError` with code `notFound` where no message can be called so.
  static func checked(message id: String) throws -> String {
    guard (1...64).contains(id.utf8.count), id.utf8.allSatisfy(isWord) else {
      throw HostingError.notFound("message", id)
    }
    return id
  }

  /// `id` as the id of a part of a message.
  ///
  /// - Throws: `HostingError` with code `notFound` where no part can be called so.
  static func checked(part id: String) throws -> String {
    let numbers = id.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard id.utf8.count <= 32,
      numbers.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } })
    else { throw HostingError.notFound("attachment", id) }
    return id
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}
