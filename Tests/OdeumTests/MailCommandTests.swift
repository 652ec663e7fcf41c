import Client
import Foundation
import Testing

@testable import odeum

@Suite struct MailCommandTests {
  private let now = Date(timeIntervalSince1970: 1_000_000)

  @Test func `a list of mail cannot command the terminal`() {
    let mail = API.MailSummary(
      id: "aB3", from: .init(name: "x", address: "a@b\u{1B}[2J"), to: [.init(name: "", address: "c@d")],
      subject: "Hi\u{1B}]0;owned\u{7}", receivedAt: now.addingTimeInterval(-60), size: 1, attachments: 2)
    let row = ListMail.table([mail], now: now).rows[0]
    #expect(row[0] == "aB3" && row[3] == "c@d" && row[4] == "2")
    #expect(!row.joined().unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{7}" })
  }

  @Test(arguments: [
    ("../../.ssh/authorized_keys", "authorized_keys"), (".bashrc", "bashrc"), ("a\\b\\c.txt", "c.txt"),
    ("..", "attachment"), ("", "attachment"), ("-rf", "rf"), ("a\r\nb", "ab"),
  ])
  func `a file is saved in this folder, whatever a server calls it`(name: String, place: String) {
    #expect(SaveMailAttachment.place(name) == place)
  }
}
