import Foundation

/// Somebody who sends or gets mail, as the message names him: hostile text.
public struct MailAddress: Sendable, Equatable {
  /// The name before the address; empty where there is none.
  public var name: String
  /// The address.
  public var address: String

  /// A person with a name and an address.
  public init(name: String, address: String) {
    self.name = name
    self.address = address
  }

  /// Both in one line: `Anna <anna@example.org>`.
  public var text: String { name.isEmpty ? address : "\(name) <\(address)>" }
}

/// A caught message as an inbox lists it.
public struct MailSummary: Sendable, Equatable {
  /// What the catcher calls it: letters and digits.
  public var id: String
  /// Who sent it; nil where it does not say.
  public var from: MailAddress?
  /// Whom it is for.
  public var to: [MailAddress]
  /// The subject, empty where there is none.
  public var subject: String
  /// When it was caught.
  public var receivedAt: Date
  /// Its size in bytes.
  public var size: Int
  /// How many files are attached.
  public var attachments: Int

  /// A caught message of these facts.
  public init(
    id: String, from: MailAddress?, to: [MailAddress], subject: String, receivedAt: Date, size: Int,
    attachments: Int
  ) {
    self.id = id
    self.from = from
    self.to = to
    self.subject = subject
    self.receivedAt = receivedAt
    self.size = size
    self.attachments = attachments
  }
}

/// A caught message, whole but for its files. Everything in it was written by whoever made Odoo send it.
public struct CaughtMail: Sendable, Equatable {
  /// What the catcher calls it: letters and digits.
  public var id: String
  /// Who sent it; nil where it does not say.
  public var from: MailAddress?
  /// Whom it is for.
  public var to: [MailAddress]
  /// Who else gets it.
  public var cc: [MailAddress]
  /// Who gets it without being named.
  public var bcc: [MailAddress]
  /// The subject, empty where there is none.
  public var subject: String
  /// When it was sent, as it says itself.
  public var date: Date
  /// Its size in bytes.
  public var size: Int
  /// Its headers, by name.
  public var headers: [Header]
  /// Its plain text, empty where there is none.
  public var text: String
  /// Its HTML, empty where there is none. It is to be shown only where it can do nothing.
  public var html: String
  /// The files in it.
  public var attachments: [Attachment]

  /// One header.
  public struct Header: Sendable, Equatable {
    /// The name.
    public var name: String
    /// The value.
    public var value: String

    /// The header `name`.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A file in a message.
  public struct Attachment: Sendable, Equatable {
    /// What the catcher calls it: digits and dots.
    public var id: String
    /// A name under which it can be saved anywhere: see `SafeFileName`.
    public var fileName: String
    /// The kind that the message says it is of.
    public var contentType: String
    /// Its size in bytes.
    public var size: Int

    /// A file of these facts.
    public init(id: String, fileName: String, contentType: String, size: Int) {
      self.id = id
      self.fileName = fileName
      self.contentType = contentType
      self.size = size
    }
  }

  /// A message of these parts; nobody but those in `to` gets it.
  public init(
    id: String, from: MailAddress?, to: [MailAddress], subject: String, date: Date, size: Int,
    headers: [Header], text: String, html: String, attachments: [Attachment]
  ) {
    self.id = id
    self.from = from
    self.to = to
    cc = []
    bcc = []
    self.subject = subject
    self.date = date
    self.size = size
    self.headers = headers
    self.text = text
    self.html = html
    self.attachments = attachments
  }
}

/// The content of a file in a caught message.
public struct MailFile: Sendable, Equatable {
  /// A name under which it can be saved anywhere: see `SafeFileName`.
  public var name: String
  /// What is in it.
  public var bytes: [UInt8]

  /// A file of that name.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

/// Makes a file's name that somebody else wrote one that names a file and nothing more.
public enum SafeFileName {
  /// The last part of the path `text`, without characters that control, quote or mean something to a shell, a header or
  /// a file system; at most 120 long, and never empty.
  public static func of(_ text: String) -> String {
    // By scalars: a carriage return and a line feed together are one `Character`.
    let last = text.unicodeScalars.split { $0 == "/" || $0 == "\\" }.last.map(Array.init) ?? []
    var name = String.UnicodeScalarView()
    for scalar in last {
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
        continue
      default: name.append("\"'`<>:|?*;%$&".unicodeScalars.contains(scalar) ? "_" : scalar)
      }
    }
    let trimmed = String(name).trimmingCharacters(in: CharacterSet(charactersIn: ". \u{a0}"))
    guard !trimmed.isEmpty else { return "attachment" }
    guard trimmed.unicodeScalars.count > 120 else { return trimmed }
    // The end says what kind of file it is.
    return String(String.UnicodeScalarView(trimmed.unicodeScalars.prefix(100)))
      + String(String.UnicodeScalarView(trimmed.unicodeScalars.suffix(20)))
  }
}
