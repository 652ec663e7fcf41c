import Foundation

extension API {
  /// A message that the mail catcher of an instance holds, as a list has it.
  public struct MailSummary: Codable, Sendable, Equatable {
    /// What the catcher calls it.
    public var id: String
    /// Who sent it; absent where it does not say.
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

    /// A message of these facts.
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

  /// Somebody who sends or gets mail.
  public struct MailAddress: Codable, Sendable, Equatable {
    /// The name before the address; empty where there is none.
    public var name: String
    /// The address.
    public var address: String

    /// A person with a name and an address.
    public init(name: String, address: String) {
      self.name = name
      self.address = address
    }
  }

  /// A caught message, whole but for the content of its files. Whoever made Odoo send it wrote everything in it.
  public struct Mail: Codable, Sendable, Equatable {
    /// What the catcher calls it.
    public var id: String
    /// Who sent it; absent where it does not say.
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
    /// Its HTML, empty where there is none.
    public var html: String
    /// The files in it.
    public var attachments: [Attachment]

    /// One header.
    public struct Header: Codable, Sendable, Equatable {
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
    public struct Attachment: Codable, Sendable, Equatable {
      /// What the catcher calls it.
      public var id: String
      /// A name that is safe to save it under.
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

    /// A message of these parts.
    public init(
      id: String, from: MailAddress?, to: [MailAddress], cc: [MailAddress], bcc: [MailAddress],
      subject: String, date: Date, size: Int, headers: [Header], text: String, html: String,
      attachments: [Attachment]
    ) {
      self.id = id
      self.from = from
      self.to = to
      self.cc = cc
      self.bcc = bcc
      self.subject = subject
      self.date = date
      self.size = size
      self.headers = headers
      self.text = text
      self.html = html
      self.attachments = attachments
    }
  }
}
