import Foundation
import Odoo
import Remote
import Testing

@testable import Hosting

@Suite struct MailpitTests {
  @Test func `a question is one command, in which what is asked for can be no option and no address`() throws
  {
    let question = MailpitQuestion.part(
      message: try MailpitQuestion.checked(message: "aB3"), part: try MailpitQuestion.checked(part: "1.2"))
    #expect(
      question.command(port: 10_002).description
        == "curl --silent --show-error --globoff --noproxy '*' --max-time 20 --request GET --write-out "
        + "'%{http_code}' -- http://127.0.0.1:10002/api/v1/message/aB3/part/1.2")
    #expect(
      MailpitQuestion.clear.command(port: 10_002).description
        == "curl --silent --show-error --globoff --noproxy '*' --max-time 20 --request DELETE --write-out "
        + "'%{http_code}' --header 'Content-Type: application/json' --data-binary '{\"IDs\":[]}' -- "
        + "http://127.0.0.1:10002/api/v1/messages")
  }

  @Test(arguments: [
    "", "../messages", "a/b", "a?b", "a%2Fb", "a\nb", "-a", "ä", String(repeating: "a", count: 65),
  ])
  func `what can be no message's id is not found, and never asked for`(id: String) {
    #expect(throws: HostingError.notFound("message", id)) { try MailpitQuestion.checked(message: id) }
  }

  @Test(arguments: ["", ".", "1..2", "1.", "a", "1/2", "../1", "1\n"])
  func `what can be no part of a message is not found`(id: String) {
    #expect(throws: HostingError.notFound("attachment", id)) { try MailpitQuestion.checked(part: id) }
  }

  @Test func `an answer ends with its status`() throws {
    let answer = try #require(MailpitQuestion.answer(in: Array("{}200".utf8)))
    #expect(answer.status == 200 && answer.body == Array("{}".utf8))
    #expect(MailpitQuestion.answer(in: Array("ok".utf8)) == nil)
    #expect(MailpitQuestion.answer(in: Array("html".utf8)) == nil)
  }

  @Test func `lists and messages are read, with null where a list is empty`() throws {
    let list = try JSONDecoder().decode(
      MailpitList.self,
      from: Data(
        """
        {"total": 2, "unread": 1, "count": 2, "start": 0, "tags": [], "messages": [
          {"ID": "one", "MessageID": "x@y", "Read": false, "From": {"Name": "Anna", "Address": "anna@example.org"},
           "To": [{"Name": "", "Address": "b@example.org"}], "Cc": null, "Bcc": null, "ReplyTo": [], "Subject": "Hi",
           "Created": "2026-11-21T12:00:00.123456789Z", "Tags": [], "Size": 12, "Attachments": 1, "Snippet": ""},
          {"ID": "two", "From": null, "To": null, "Subject": "", "Created": "2026-11-21T13:00:00+01:00", "Size": 1,
           "Attachments": 0}]}
        """.utf8))
    let noon = try Date("2026-11-21T12:00:00Z", strategy: .iso8601)
    #expect(list.total == 2)
    #expect(
      list.messages == [
        MailSummary(
          id: "one", from: MailAddress(name: "Anna", address: "anna@example.org"),
          to: [MailAddress(name: "", address: "b@example.org")], subject: "Hi", receivedAt: noon, size: 12,
          attachments: 1),
        MailSummary(
          id: "two", from: nil, to: [], subject: "", receivedAt: noon, size: 1, attachments: 0),
      ])
    #expect(list.messages[0].from?.text == "Anna <anna@example.org>")

    let message = try JSONDecoder().decode(
      MailpitMessage.self,
      from: Data(
        #"""
        {"ID": "one", "From": {"Name": "", "Address": "a@b"}, "To": null, "Cc": null, "Bcc": [{"Name": "", "Address": "h@b"}],
         "Subject": "Hi", "Date": "2026-11-21T12:00:00Z", "Size": 3, "Text": "t", "HTML": "<p>h", "Inline": null,
         "Attachments": [{"PartID": "2", "FileName": "../../etc/cron.d/x\r\n.sh", "ContentType": "text/html", "Size": 4}]}
        """#.utf8)
    ).mail(headers: MailpitHeaders.list(["X-B": ["2"], "X-A": ["1", "3"]]))
    #expect(message.bcc.map(\.address) == ["h@b"] && message.to.isEmpty && message.html == "<p>h")
    #expect(message.headers.map { "\($0.name): \($0.value)" } == ["X-A: 1", "X-A: 3", "X-B: 2"])
    #expect(message.attachments.map(\.fileName) == ["x.sh"])
  }

  @Test(arguments: [
    ("report.pdf", "report.pdf"), ("../../../etc/passwd", "passwd"), (#"C:\Windows\system32\x.dll"#, "x.dll"),
    ("/etc/cron.d/", "cron.d"), ("..", "attachment"), ("", "attachment"), ("...", "attachment"),
    ("a\r\nSet-Cookie: odeum=x", "aSet-Cookie_ odeum=x"), ("a\"b'; rm -rf", "a_b__ rm -rf"),
    ("\u{202E}fdp.exe", "fdp.exe"), (".bashrc", "bashrc"), ("Rechnung Ä.pdf", "Rechnung Ä.pdf"),
    ("\u{0}x\u{7f}", "x"),
  ])
  func `a file's name names a file and nothing more`(text: String, name: String) {
    #expect(SafeFileName.of(text) == name)
  }

  @Test func `a long name keeps the end that says what the file is`() {
    let name = SafeFileName.of(String(repeating: "n", count: 400) + ".tar.gz")
    #expect(name.unicodeScalars.count == 120 && name.hasSuffix(".tar.gz"))
  }
}

@Suite struct MailCatcherTests {
  private func plan(_ stage: Stage, conf: String = "") throws -> InstancePlan {
    var settings = InstanceSettings(defaultsOf: stage)
    settings.odooConf = conf
    var configuration = HostingConfiguration()
    configuration.mailCatcherImage = "axllent/mailpit:latest"
    let instance = Instance(
      id: UUID(), organisationID: UUID(),
      server: ServerReference(id: UUID(), name: "local", address: "127.0.0.1", exposed: true),
      name: try Slug("shop"), version: .v19, edition: .community, stage: stage, basePort: 10_000,
      origin: DatabaseOrigin(
        language: "en_US", country: nil, demo: false, modules: [],
        adminPassword: PasslibHash(rounds: 1, salt: [], key: [])),
      settings: settings, settingsRevision: 1, appliedSettings: nil, desired: .running, status: .creating,
      statusReason: "", statusSince: Date(), statusJob: nil, activeJob: nil, createdAt: Date())
    return InstancePlan(
      instance: instance,
      secrets: InstanceSecrets(databasePassword: Secret("d"), masterPassword: Secret("m")), operation: UUID(),
      images: ImageIDs(odoo: "o", database: "d"), checkouts: [], cores: 1,
      catchesMail: configuration.catchesMail(on: stage))
  }

  @Test(arguments: [Stage.staging, .dev])
  func `what is not in production sends its mail to its catcher`(stage: Stage) throws {
    let conf = try plan(stage).odooConf()
    #expect(conf.contains("smtp_server = mail\n") && conf.contains("smtp_port = 1025\n"))
  }

  @Test func `the mail of production goes out, by the server that its lines name`() throws {
    let conf = try plan(.production, conf: "smtp_server = mx.example.org").odooConf()
    #expect(conf.contains("smtp_server = mx.example.org") && !conf.contains("smtp_server = mail"))
  }

  @Test func `a line for odoo.conf leads no mail past the catcher`() throws {
    #expect(throws: (any Error).self) { try plan(.dev, conf: "smtp_server = mx.example.org").odooConf() }
    var change = SettingsChange()
    change.odooConf = "smtp_port = 25"
    #expect {
      try change.checked(
        onto: InstanceSettings(defaultsOf: .dev), version: .v19, stage: .dev, cores: 1, catchesMail: true)
    } throws: { error in
      (error as? HostingError)?.fields.map(\.name) == ["odooConf"]
    }
  }

  @Test func `the catcher is reached on the server's loopback only, whatever else is open to the network`()
    throws
  {
    let plan = try plan(.dev)
    let runtime = DockerRuntime(
      engine: .init(socket: "/nonexistent") {}, host: LocalHost(), server: plan.instance.server,
      installation: UUID(), configuration: HostingConfiguration())
    let spec = runtime.mailSpec(plan, image: "i")
    #expect(spec.portBindings.map(\.hostAddress) == ["127.0.0.1"])
    #expect(spec.portBindings.map(\.hostPort) == [10_002])
    #expect(spec.networks.map(\.aliases) == [["mail"]])
    #expect(runtime.odooSpec(plan).portBindings.map(\.hostAddress) == ["0.0.0.0", "0.0.0.0"])
  }
}
