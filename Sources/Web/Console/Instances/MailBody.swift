import Hummingbird

extension Response {
  /// The HTML of a mail, which somebody else wrote, for a frame. It may be styled by itself and show pictures that it brought
  /// along. `sandbox` takes scripts, forms, links to other windows and the address of this console from it, also where it is
  /// opened by itself.
  static func mailBody(_ html: String) -> Response {
    let nonce = PageNonce.random()
    var response = Response.page(MailStyles.moved(in: html, nonce: nonce))
    response.headers[.contentSecurityPolicy] = [
      "sandbox", "default-src 'none'", "img-src data:", "style-src 'nonce-\(nonce)'", "base-uri 'none'",
      "form-action 'none'", "frame-ancestors 'self'",
    ].joined(separator: "; ")
    response.headers[.frameOptions] = "SAMEORIGIN"
    response.headers[.referrerPolicy] = "no-referrer"
    return response
  }
}

/// A word that nobody can guess, for one answer. What has it, this console has put there.
enum PageNonce {
  static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<4).map { _ in String(generator.next(), radix: 36) }.joined()
  }
}

/// Styles of mails, which stand in attributes nearly always. A policy that forbids nothing else allows those only as
/// `unsafe-inline`, so they are moved into `style` elements with a nonce.
///
/// This decides about looks alone: what is overlooked here, the browser does not apply.
enum MailStyles {
  /// `html` with each `style` attribute as a rule for its element, and a nonce in each `style` element.
  static func moved(in html: String, nonce: String) -> String {
    var mail = Reader(html, nonce: nonce)
    return mail.moved()
  }

  /// Goes through a document by its start tags (HTML, 13.2.5), and copies everything else as it stands.
  private struct Reader {
    private let source: [UInt8]
    private let nonce: String
    private var at = 0
    private var copied = 0
    private var written: [UInt8] = []
    /// The rules by the texts of their attributes, in order.
    private var rules: [String: Int] = [:]
    private var order: [String] = []

    init(_ html: String, nonce: String) {
      source = Array(html.utf8)
      self.nonce = nonce
    }

    mutating func moved() -> String {
      while let tag = source[at...].firstIndex(of: UInt8(ascii: "<")) {
        at = tag + 1
        if has("!--") {
          skip(past: "-->")
        } else if at < source.count, Self.isLetter(source[at]) {
          readTag()
        }
      }
      copy(upTo: source.count)
      // Behind everything: before a doctype they would have the mail drawn as one of the last century.
      for (index, style) in order.enumerated() {
        // As strong as an attribute is: no rule of a mail names three ids.
        write("<style nonce=\"\(nonce)\">[\(Self.mark)=\"\(index)\"]:not(#_#_#_){\(style)}</style>")
      }
      return String(decoding: written, as: UTF8.self)
    }

    private static let mark = "data-odeum-style"

    private mutating func readTag() {
      let name = word(until: " \t\n\u{c}\r/>")
      while at < source.count {
        skip(all: " \t\n\u{c}\r/")
        guard at < source.count, source[at] != UInt8(ascii: ">") else { break }
        readAttribute(of: name)
      }
      if name == "style" {
        copy(upTo: at)
        write(" nonce=\"\(nonce)\"")
      }
      // What is in these is text, whatever it looks like.
      if ["style", "script", "textarea", "title", "xmp", "iframe", "noembed", "noframes"].contains(name) {
        skip(past: "</\(name)")
      }
    }

    private mutating func readAttribute(of tag: String) {
      let start = at
      let name = word(until: " \t\n\u{c}\r/>=", atLeastOne: true)
      skip(all: " \t\n\u{c}\r")
      guard at < source.count, source[at] == UInt8(ascii: "=") else {
        // The blanks behind it are those before the next one.
        return
      }
      at += 1
      skip(all: " \t\n\u{c}\r")
      let value = readValue()
      switch name {
      case "style":
        copy(upTo: start)
        copied = at
        guard let rule = Self.rule(value) else { return }
        if rules[rule] == nil {
          rules[rule] = order.count
          order.append(rule)
        }
        write("\(Self.mark)=\"\(rules[rule] ?? 0)\"")
      case "nonce", Self.mark:
        copy(upTo: start)
        copied = at
      default: break
      }
    }

    private mutating func readValue() -> String {
      guard at < source.count else { return "" }
      let quote = source[at]
      guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
        return text(from: at, until: " \t\n\u{c}\r>")
      }
      at += 1
      let value = text(from: at, until: String(UnicodeScalar(quote)))
      at = min(at + 1, source.count)
      return value
    }

    /// The attribute's text as a rule's; nil where it would end the rule, or its element.
    private static func rule(_ value: String) -> String? {
      var text = value
      for (name, character) in [
        ("&quot;", "\""), ("&#34;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&"),
      ] where text.utf8.contains(UInt8(ascii: "&")) {
        text = text.replacing(name, with: character)
      }
      let isWhole = !text.utf8.contains {
        $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}")
      }
      return isWhole ? text : nil
    }

    // MARK: Moving on

    private func has(_ text: String) -> Bool {
      source[at...].prefix(text.utf8.count).elementsEqual(text.utf8) { $0 | 0x20 == $1 | 0x20 }
    }

    private mutating func skip(past text: String) {
      let first = text.utf8.first ?? 0
      while let next = source[at...].firstIndex(of: first) {
        at = next
        if has(text) {
          at += text.utf8.count
          return
        }
        at += 1
      }
      at = source.count
    }

    private mutating func skip(all characters: String) {
      while at < source.count, characters.utf8.contains(source[at]) { at += 1 }
    }

    private mutating func word(until ends: String, atLeastOne: Bool = false) -> String {
      let start = at
      if atLeastOne { at += 1 }
      return text(from: start, until: ends).lowercased()
    }

    private mutating func text(from start: Int, until ends: String) -> String {
      while at < source.count, !ends.utf8.contains(source[at]) { at += 1 }
      return String(decoding: source[start..<at], as: UTF8.self)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    // MARK: Writing

    private mutating func copy(upTo end: Int) {
      written += source[copied..<end]
      copied = end
    }

    private mutating func write(_ text: String) {
      written += text.utf8
    }
  }
}
