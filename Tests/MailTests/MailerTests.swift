import Foundation
import Remote
import Testing

@testable import Mail

@Suite struct MailServerTests {
  @Test func `an address names server, protection and account`() throws {
    let server = try #require(MailServer(url: "smtps://odeum%40example.org:p%3Aw%2F@mail.example.org"))
    #expect((server.host, server.port, server.protection) == ("mail.example.org", 465, .tls))
    #expect(server.account?.user == "odeum@example.org")
    #expect(server.account?.password.reveal() == "p:w/")
    #expect(MailServer(url: "smtp://mail.example.org")?.port == 587)
    #expect(MailServer(url: "smtp+insecure://[::1]:1025")?.host == "::1")
  }

  @Test(arguments: [
    "mail.example.org", "http://mail.example.org", "smtp://", "smtp://mail.example.org/inbox",
    "smtp://mail.example.org?starttls=no", "smtp://user@mail.example.org", "smtp://mail.example.org:0",
    "smtp+insecure://user:password@mail.example.org",
  ])
  func `what is no such address is refused, and so is a password that everybody could read`(_ text: String) {
    #expect(MailServer(url: text) == nil)
  }
}

@Suite struct MailerTests {
  private func input(_ message: Message, url: String = "smtps://u:secret@mail.example.org") throws -> [String]
  {
    let mailer = Mailer(server: try #require(MailServer(url: url)), sender: "odeum@example.org")
    let command = mailer.command(for: message)
    #expect(command.words.allSatisfy { !$0.isSecret })
    #expect(command.description == "curl --disable --config -")
    return String(decoding: try #require(command.input), as: UTF8.self).split(separator: "\n").map(
      String.init)
  }

  @Test func `nothing of a message can become an option of its own`() throws {
    let lines = try input(
      Message(to: "ada@example.org", subject: "Hi\nurl = \"file:///etc/passwd\"", text: "\"\nurl = \"x\\"))
    #expect(lines.filter { $0.hasPrefix("url") } == ["url = \"smtps://mail.example.org:465\""])
    #expect(lines.contains(#"header = "Subject: Hi url = \"file:///etc/passwd\"""#))
    #expect(
      lines.contains(
        #"form = "=\"\\\"\r\nurl = \\\"x\\\\\";type=text/plain;charset=utf-8;encoder=quoted-printable""#))
  }

  @Test func `STARTTLS is asked for and insisted on, and left out only where that is said`() throws {
    let message = Message(to: "ada@example.org", subject: "s", text: "t")
    #expect(try input(message, url: "smtp://mail.example.org").contains("ssl-reqd"))
    #expect(try !input(message, url: "smtp+insecure://mail.example.org").contains("ssl-reqd"))
  }

  @Test func `a subject beyond ASCII is written in encoded words of at most 75 characters`() {
    let line = Header.line("Subject", String(repeating: "Ölmühle ", count: 20))
    let words = line.dropFirst("Subject: ".count).split(separator: " ")
    #expect(words.count > 1)
    #expect(words.allSatisfy { $0.count <= 75 && $0.hasPrefix("=?UTF-8?B?") && $0.hasSuffix("?=") })
    let text = words.compactMap { Data(base64Encoded: String($0.dropFirst(10).dropLast(2))) }
      .map { String(decoding: $0, as: UTF8.self) }.joined()
    #expect(text == String(repeating: "Ölmühle ", count: 20))
  }

  @Test(arguments: ["ada", "ada@", "@b", "a b@c", "a@b\r\nRCPT TO:<x@y>", "<a@b>", "a\"@b", "a@b@c"])
  func `what is no address is not sent to`(_ address: String) async throws {
    let mailer = Mailer(
      server: try #require(MailServer(url: "smtp+insecure://127.0.0.1:9")), sender: "odeum@example.org")
    await #expect(throws: MailError.badAddress(address)) {
      try await mailer.send(Message(to: address, subject: "s", text: "t"))
    }
  }

  @Test func `a server that does not answer is named`() async throws {
    let mailer = Mailer(
      server: try #require(MailServer(url: "smtp+insecure://127.0.0.1:9")), sender: "odeum@example.org")
    let error = await #expect(throws: MailError.self) {
      try await mailer.send(Message(to: "ada@example.org", subject: "s", text: "t"))
    }
    #expect(error?.description.contains("127.0.0.1:9 did not take the message to ada@example.org") == true)
  }
}
