import Foundation

// What Mailpit's HTTP API (version 1) answers, as far as it is used. Lists that are empty may be null there.

/// `GET /api/v1/messages`
struct MailpitList: Decodable {
  /// How many messages there are.
  let total: Int
  let messages: [MailSummary]

  private enum CodingKeys: String, CodingKey { case total, messages }

  private struct Entry: Decodable {
    let ID: String
    let From: MailpitAddress?
    let To: [MailpitAddress]?
    let Subject: String?
    let Created: String
    let Size: Int?
    let Attachments: Int?
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    total = try container.decode(Int.self, forKey: .total)
    let entries = try container.decodeIfPresent([Entry].self, forKey: .messages) ?? []
    messages = entries.map { entry in
      MailSummary(
        id: entry.ID, from: entry.From?.address, to: (entry.To ?? []).map(\.address),
        subject: entry.Subject ?? "", receivedAt: MailpitDate.parse(entry.Created), size: entry.Size ?? 0,
        attachments: entry.Attachments ?? 0)
    }
  }
}

/// `GET /api/v1/message/{id}`
struct MailpitMessage: Decodable {
  let ID: String
  let From: MailpitAddress?
  let To: [MailpitAddress]?
  let Cc: [MailpitAddress]?
  let Bcc: [MailpitAddress]?
  let Subject: String?
  let Date: String?
  let Size: Int?
  let Text: String?
  let HTML: String?
  let Attachments: [Part]?
  let Inline: [Part]?

  struct Part: Decodable {
    let PartID: String
    let FileName: String?
    let ContentType: String?
    let Size: Int?
  }

  /// The message with `headers`.
  func mail(headers: [CaughtMail.Header]) -> CaughtMail {
    let parts = (Attachments ?? []) + (Inline ?? [])
    var mail = CaughtMail(
      id: ID, from: From?.address, to: (To ?? []).map(\.address), subject: Subject ?? "",
      date: MailpitDate.parse(Date ?? ""), size: Size ?? 0, headers: headers, text: Text ?? "",
      html: HTML ?? "",
      attachments: parts.map {
        CaughtMail.Attachment(
          id: $0.PartID, fileName: SafeFileName.of($0.FileName ?? ""),
          contentType: $0.ContentType ?? "application/octet-stream", size: $0.Size ?? 0)
      })
    mail.cc = (Cc ?? []).map(\.address)
    mail.bcc = (Bcc ?? []).map(\.address)
    return mail
  }
}

struct MailpitAddress: Decodable {
  let Name: String?
  let Address: String?

  var address: MailAddress { MailAddress(name: Name ?? "", address: Address ?? "") }
}

/// `GET /api/v1/message/{id}/headers`: the values of each name.
enum MailpitHeaders {
  static func list(_ values: [String: [String]]) -> [CaughtMail.Header] {
    values.sorted { $0.key < $1.key }.flatMap { name, values in
      values.map { CaughtMail.Header(name: name, value: $0) }
    }
  }
}

/// Instants as Mailpit writes them: RFC 3339 with any number of digits of a second's fraction.
enum MailpitDate {
  /// The instant; the beginning of 1970 where the text names none.
  static func parse(_ text: String) -> Date {
    let whole = text.replacing(/\.[0-9]+/, with: "")
    return (try? Date(whole, strategy: .iso8601)) ?? Date(timeIntervalSince1970: 0)
  }
}
