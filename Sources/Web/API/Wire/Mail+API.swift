import Client
import Hosting

extension API.MailSummary {
  init(_ mail: MailSummary) {
    self.init(
      id: mail.id, from: mail.from.map(API.MailAddress.init), to: mail.to.map(API.MailAddress.init),
      subject: mail.subject, receivedAt: mail.receivedAt, size: mail.size, attachments: mail.attachments)
  }
}

extension API.MailAddress {
  init(_ address: MailAddress) { self.init(name: address.name, address: address.address) }
}

extension API.Mail {
  init(_ mail: CaughtMail) {
    self.init(
      id: mail.id, from: mail.from.map(API.MailAddress.init), to: mail.to.map(API.MailAddress.init),
      cc: mail.cc.map(API.MailAddress.init), bcc: mail.bcc.map(API.MailAddress.init), subject: mail.subject,
      date: mail.date, size: mail.size,
      headers: mail.headers.map { Header(name: $0.name, value: $0.value) }, text: mail.text, html: mail.html,
      attachments: mail.attachments.map {
        Attachment(id: $0.id, fileName: $0.fileName, contentType: $0.contentType, size: $0.size)
      })
  }
}
