import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct PeoplePagesTests {
  @Test func `people see who belongs to the organisation, and who may not is refused`() async throws {
    try await browse("owner") { browser in
      let page = try await browser.get("/people")
      #expect(page.status == .ok)
      #expect(page.text.contains("developer@example.org") && page.text.contains("Invite somebody"))
    }
    try await browse("developer") { browser in
      for path in ["/people", "/audit"] {
        let answer = try await browser.get(path)
        #expect(answer.status == .forbidden)
      }
      let page = try await browser.get("/instances").text
      #expect(!page.contains(#"href="/people""#) && !page.contains(#"href="/audit""#))
    }
  }

  @Test func `an invitation's link is shown once, also for an impatient double click`() async throws {
    try await browse("owner") { browser in
      let form = "key=k1&email=ada%40example.org&role=tester"
      let first = try await browser.post("/people/invitations", form)
      #expect(first.status == .ok && first.text.contains("/invitation?token=invited"))
      let second = try await browser.post("/people/invitations", form)
      #expect(second.text.contains("/invitation?token=invited"))
      let page = try await browser.get("/people").text
      #expect(!page.contains("token=invited"))
      #expect(
        page.components(separatedBy: "ada@example.org").count == 3, "one row, whose name is in two places")
    }
  }

  @Test func `a wrong address is told at its field, and what was typed stays`() async throws {
    try await browse("owner") { browser in
      let answer = try await browser.post("/people/invitations", "key=k2&email=ada&role=tester")
      #expect(answer.status == .unprocessableContent)
      #expect(answer.text.contains("is no e-mail address") && answer.text.contains(#"value="ada""#))
      #expect(answer.text.contains(#"value="tester" checked"#))
    }
  }

  @Test func `what a member may do is saved as it was checked`() async throws {
    try await browse("owner") { browser in
      let list = try await browser.get("/people").text
      let path = try #require(list.firstMatch(of: /href="(\/people\/[0-9a-f-]+)">developer@example.org/)).1
      let page = try await browser.get(String(path))
      #expect(page.text.contains("Read logs") && page.text.contains(#"name="follows" value="all" checked"#))
      let saved = try await browser.post(
        String(path), "role=viewer&follows=own&action.viewLogs=yes&reach=all&serverReach=all")
      #expect(saved.status == .seeOther && saved.headers[.location] == "/people")
      #expect(try await browser.get("/people").text.contains("only 1 action"))
      let again = try await browser.get(String(path)).text
      #expect(again.contains(#"name="follows" value="own" checked"#))
      #expect(again.contains(#"name="action.viewLogs" value="yes" checked"#))
      #expect(!again.contains(#"name="action.stopInstances" value="yes" checked"#))
    }
  }

  @Test func `every instance can be granted, and what the page did not show stays granted`() async throws {
    let hosting = PlayedHosting()
    try await hosting.fill(205)
    let (hidden, server) = (UUID(), UUID())
    let person = try hosting.state.withLock { state in
      let index = try #require(state.members.firstIndex { $0.role == .developer })
      state.members[index].grants.instances = [hidden, state.instances[0].id]
      state.members[index].grants.servers = [server]
      return state.members[index].person
    }
    let last = hosting.state.withLock { $0.instances[204].id }
    try await browse("owner", hosting) { browser in
      let path = "/people/\(person.uuidString.lowercased())"
      let page = try await browser.get(path).text
      #expect(page.contains("shop-001") && page.contains("shop-205"))
      func shown(_ name: String) throws -> String {
        let field = try Regex("name=\"\(name)\" value=\"([^\"]*)\"", as: (Substring, Substring).self)
        return String(try #require(page.firstMatch(of: field)).1).replacing(" ", with: "+")
      }
      let saved = try await browser.post(
        path,
        "role=developer&follows=all&reach=own&serverReach=own&instance.\(last.uuidString.lowercased())=yes"
          + "&instancesShown=\(try shown("instancesShown"))&serversShown=\(try shown("serversShown"))")
      #expect(saved.status == .seeOther)
      let grants = hosting.state.withLock { $0.members.first { $0.person == person }?.grants }
      #expect(grants?.instances == [hidden, last] && grants?.servers == [server])
      #expect(!page.contains("that you do not see"), "what an owner does not see is gone")
    }
  }

  @Test func `who is kept to some instances is told of what stays`() async throws {
    let hosting = PlayedHosting()
    let person = hosting.state.withLock { state in
      var admin = state.people["owner@example.org"]!
      admin.role = .admin
      admin.grants.instances = []
      state.sessions["admin"] = admin
      state.members[1].grants.instances = [UUID(), UUID()]
      return state.members[1].person
    }
    try await browse("admin", hosting) { browser in
      let page = try await browser.get("/people/\(person.uuidString.lowercased())").text
      #expect(page.contains("He keeps 2 more that you do not see."))
    }
  }

  @Test func `the last owner stays one, and the page says why`() async throws {
    try await browse("owner") { browser in
      let list = try await browser.get("/people").text
      let path = try #require(list.firstMatch(of: /href="(\/people\/[0-9a-f-]+)">owner@example.org/)).1
      let answer = try await browser.post(String(path), "role=viewer&follows=all&reach=all&serverReach=all")
      #expect(answer.status == .conflict && answer.text.contains("the only owner"))
    }
  }

  @Test func `the link of an invitation leads in, and one that is over says so`() async throws {
    try await browse(nil) { browser in
      #expect(try await browser.get("/invitation?token=gone").text.contains("This invitation is over"))
      #expect(try await browser.get("/invitation?token=new").text.contains("Choose the password and join"))
      let differing = try await browser.post(
        "/invitation", "token=new&password=long+enough&repeated=long+enouhg")
      #expect(differing.status == .unprocessableContent && differing.text.contains("not the same"))
      let done = try await browser.post("/invitation", "token=new&password=long+enough&repeated=long+enough")
      #expect(
        done.status == .seeOther && done.headers[values: .setCookie].contains { $0.hasPrefix("odeum=") })
      let copied = try await browser.get("/invitation?token=copied").text
      #expect(copied.contains("Mail me a link") && copied.contains("/sign-in?back="))
      #expect(!copied.contains("There is an account") && !copied.contains("type=\"password\""))
      let mailed = try await browser.post("/invitation", "token=copied&mail=yes")
      #expect(mailed.status == .ok && mailed.text.contains("on its way to <strong>new@example.org"))
      let known = try await browser.get("/invitation?token=known").text
      #expect(known.contains("/sign-in?back=%2Finvitation%3Ftoken%3Dknown"))
    }
    try await browse("viewer") { browser in
      let page = try await browser.get("/invitation?token=known").text
      #expect(page.contains(#"name="accept""#))
      let joined = try await browser.post("/invitation", "token=known&accept=yes")
      #expect(joined.headers[.location] == "/instances")
    }
  }

  @Test
  func `the password is changed on the page of how one signs in, and what is wrong is told at its field`()
    async throws
  {
    try await browse("owner") { browser in
      let page = try await browser.get("/account/security").text
      #expect(page.contains(#"action="/account/security/password""#))
      for (form, field, text) in [
        (
          "presentPassword=guess&newPassword=another+horse&repeated=another+horse", "presentPassword",
          "This is not your password."
        ),
        (
          "presentPassword=correct+horse&newPassword=short&repeated=short", "newPassword",
          "A password has at least 8 characters"
        ),
        (
          "presentPassword=correct+horse&newPassword=another+horse&repeated=another+hose", "repeated",
          "This is not the password above"
        ),
      ] {
        let refused = try await browser.post("/account/security/password", form)
        #expect(refused.status == .unprocessableContent)
        #expect(refused.text.contains(#"id="field-\#(field)-error""#) && refused.text.contains(text))
        #expect(refused.text.components(separatedBy: "aria-invalid").count == 2, "at one field")
        #expect(!refused.text.contains("horse"), "what was typed does not come back")
      }
      let stuck = try await browser.post(
        "/account/security/password", "presentPassword=x&newPassword=another+horse&repeated=another+horse")
      #expect(stuck.text.contains("chooses a new one by a link"), "what to do next")
      let done = try await browser.post(
        "/account/security/password",
        "presentPassword=correct+horse&newPassword=another+horse&repeated=another+horse")
      #expect(done.status == .seeOther && done.headers[.location] == "/account/security")
      let flash = try #require(
        done.headers[values: .setCookie].compactMap { $0.firstMatch(of: /odeum-flash=([^;]+)/) }.first)
      #expect(Flash(cookie: String(flash.1))?.text.hasPrefix("Your password is changed") == true)
    }
  }

  @Test func `a second factor is set up with a picture, a code and codes for the worst case`() async throws {
    try await browse("owner") { browser in
      #expect(try await browser.get("/account/security").text.contains("a stolen password is worth nothing"))
      let refused = try await browser.post("/account/security/second-factor", "password=guess")
      #expect(refused.status == .unprocessableContent && refused.text.contains("This is not your password"))
      let begun = try await browser.post("/account/security/second-factor", "password=correct+horse")
      #expect(begun.text.contains("data:image/svg+xml;base64,") && begun.text.contains("GEZDGNBVGY3TQOJQ"))
      let wrong = try await browser.post(
        "/account/security/second-factor/confirm",
        "code=000000&secret=GEZDGNBVGY3TQOJQ&address=otpauth%3A%2F%2Ftotp%2Fx")
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("GEZDGNBVGY3TQOJQ"))
      let early = try await browser.post(
        "/account/security/second-factor/confirm",
        "code=\(PlayedHosting.codeTooMany)&secret=GEZDGNBVGY3TQOJQ&address=otpauth%3A%2F%2Ftotp%2Fx")
      #expect(early.status == .unprocessableContent && early.text.contains("The next try is possible in"))
      #expect(early.text.contains("GEZDGNBVGY3TQOJQ"), "what he scanned stays good")
      let on = try await browser.post(
        "/account/security/second-factor/confirm", "code=123456&secret=x&address=otpauth%3A%2F%2Ftotp%2Fx")
      #expect(on.text.contains("aaaa-bbbb-cccc-0009"))
      #expect(try await browser.get("/account/security").text.contains("recovery codes are left"))
      let off = try await browser.post("/account/security/second-factor/off", "password=correct+horse")
      #expect(off.headers[.location] == "/account/security")
    }
  }

  @Test(arguments: [[], ["globex"]])
  func `a viewer leaves after a question, and goes where there is something left for him`(others: [String])
    async throws
  {
    let hosting = PlayedHosting()
    hosting.state.withLock { $0.otherOrganisations = others }
    try await browse("viewer", hosting) { browser in
      let page = try await browser.get("/o/acme/account/security").text
      #expect(page.contains(#"href="/o/acme/account/leave" data-dialog>Leave acme</a>"#))
      let question = try await browser.get("/o/acme/account/leave").text
      #expect(question.contains("Leave acme") && question.contains(#"action="/o/acme/account/leave""#))
      #expect(hosting.state.withLock { $0.members.contains { $0.role == .viewer } })
      let left = try await browser.post("/o/acme/account/leave", "")
      #expect(left.headers[.location] == (others.isEmpty ? "/sign-in" : "/organisations"))
    }
    #expect(hosting.state.withLock { !$0.members.contains { $0.role == .viewer } })
  }

  @Test func `the last owner does not leave, and is told what to do`() async throws {
    let hosting = PlayedHosting()
    try await browse("owner", hosting) { browser in
      let refused = try await browser.post("/account/leave", "")
      #expect(refused.status == .unprocessableContent)
      #expect(refused.text.contains("the only owner of acme"))
      #expect(refused.text.contains("Make somebody else an owner first."))
    }
    #expect(hosting.state.withLock { $0.members.contains { $0.role == .owner } })
  }

  @Test func `sessions are named, escaped, and end`() async throws {
    try await browse("owner") { browser in
      let page = try await browser.get("/account/security").text
      #expect(page.contains("Firefox on Linux") && page.contains("&lt;b&gt;curl&lt;/b&gt;"))
      #expect(!page.contains("<b>curl"))
      let end = try #require(page.firstMatch(of: /action="(\/account\/security\/sessions\/[0-9a-f-]+\/end)"/))
        .1
      #expect(try await browser.post(String(end), "").headers[.location] == "/account/security")
      #expect(try await browser.post("/account/security/sessions/end-others", "").status == .seeOther)
    }
  }

  @Test func `the audit log is searched, paged, escaped and exported`() async throws {
    try await browse("owner") { browser in
      let page = try await browser.get("/audit").text
      #expect(
        page.contains("thing-60") && !page.contains("thing-9<") && page.contains("&lt;i&gt;old&lt;/i&gt;"))
      let older = try #require(page.firstMatch(of: /href="(\/audit\?cursor=11)">Older/)).1
      #expect(try await browser.get(String(older)).text.contains("thing-9<"))
      let found = try await browser.get("/audit?search=thing-7&action=server").text
      #expect(found.contains("thing-7<") && !found.contains("thing-8<"))
      #expect(found.contains("/audit/export?search=thing-7&amp;action=server&amp;format=csv"))
      #expect(try await browser.get("/audit?search=nothing").text.contains("Nothing matches"))
      let file = try await browser.get("/audit/export?format=csv&search=thing-7")
      #expect(file.headers[.contentDisposition] == "attachment; filename=\"audit.csv\"")
      let lines = file.text.split(separator: "\r\n")
      #expect(lines.count == 2 && lines[0].hasPrefix("id,at,who"))
      #expect(lines[1].hasSuffix(#""{""note"": ""=cmd|<i>old</i>""}","{""note"": ""new, \""quoted\""""}""#))
      let all = try await browser.get("/audit/export?format=json").text
      #expect(all.split(separator: "\n").count == 60, "every page of it")
    }
  }

  @Test(arguments: [
    ("=1+1", "'=1+1"), ("-2", "'-2"), ("+x", "'+x"), ("@x", "'@x"), ("a,b", "\"a,b\""),
    ("a\"b", "\"a\"\"b\""),
    ("plain", "plain"),
  ])
  func `a spreadsheet is given no formula`(_ name: String, _ cell: String) {
    var entry = PlayedHosting.entries[0]
    entry.subject.name = name
    #expect(AuditExport.row(entry).contains(",\(cell),"))
  }
}
