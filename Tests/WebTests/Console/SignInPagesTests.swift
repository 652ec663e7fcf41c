import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct SignInPagesTests {
  @Test func `who is not signed in is sent to sign in, and comes back to where he wanted to go`() async throws
  {
    try await browse(nil) { browser in
      let answer = try await browser.get("/instances?stage=dev")
      #expect(answer.status == .seeOther)
      #expect(answer.headers[.location] == "/sign-in?back=%2Finstances%3Fstage%3Ddev")
      let page = try await browser.get(answer.headers[.location]!)
      #expect(page.text.contains(#"name="back" value="/instances?stage=dev""#))
      let signedIn = try await browser.post(
        "/sign-in", "email=owner%40example.org&password=correct+horse&back=/instances?stage=dev")
      #expect(signedIn.status == .seeOther && signedIn.headers[.location] == "/instances?stage=dev")
      #expect(
        signedIn.headers[values: .setCookie].contains {
          $0.hasPrefix("odeum=session-") && $0.contains("HttpOnly")
        })
    }
  }

  @Test func `nobody is sent to another site after signing in`() async throws {
    try await browse(nil) { browser in
      let answer = try await browser.post(
        "/sign-in", "email=owner%40example.org&password=correct+horse&back=//evil.example")
      #expect(answer.headers[.location] == "/instances")
    }
  }

  @Test func `a wrong password is told in the page, which keeps the address and not the password`()
    async throws
  {
    try await browse(nil) { browser in
      let answer = try await browser.post("/sign-in", "email=owner%40example.org&password=secret-guess")
      #expect(answer.status == .unprocessableContent)
      #expect(answer.text.contains("The address or the password is not right."))
      #expect(answer.text.contains("owner@example.org") && !answer.text.contains("secret-guess"))
      #expect(answer.headers[values: .setCookie].isEmpty)
    }
  }

  @Test func `who has a second factor is in only with its code`() async throws {
    try await browse(nil) { browser in
      let asked = try await browser.post(
        "/sign-in", "email=guarded%40example.org&password=correct+horse&back=/jobs")
      #expect(asked.status == .ok && asked.headers[values: .setCookie].isEmpty)
      #expect(
        asked.text.contains(#"name="challenge" value="challenge""#) && asked.text.contains("one-time-code"))
      let wrong = try await browser.post("/sign-in/code", "challenge=challenge&code=000000&back=/jobs")
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("This code is not right"))
      #expect(wrong.headers[values: .setCookie].isEmpty)
      let late = try await browser.post("/sign-in/code", "challenge=other&code=123456&back=/jobs")
      #expect(late.status == .unprocessableContent && late.text.contains("took too long"))
      let right = try await browser.post("/sign-in/code", "challenge=challenge&code=123456&back=/jobs")
      #expect(right.status == .seeOther && right.headers[.location] == "/jobs")
      #expect(right.headers[values: .setCookie].contains { $0.hasPrefix("odeum=session-") })
    }
  }

  @Test func `a new password by mail is asked for, chosen, and signed in with`() async throws {
    let hosting = PlayedHosting()
    try await browse(nil, hosting) { browser in
      #expect(try await browser.get("/sign-in").text.contains("/sign-in/forgotten"))
      #expect(try await browser.get("/sign-in/forgotten").text.contains("Send the link"))
      let asked = try await browser.post("/sign-in/forgotten", "email=%3Cb%3E%40example.org")
      #expect(asked.text.contains("a link is on its way") && asked.text.contains("&lt;b&gt;@example.org"))
      #expect(hosting.state.withLock { $0.calls["requestNewPassword"] } == 1)
      let done = try await browser.post(
        "/sign-in/link", "token=forgotten&password=long+enough&repeated=long+enough")
      #expect(done.status == .seeOther && done.headers[.location] == "/sign-in")
      #expect(done.headers[values: .setCookie].allSatisfy { !$0.hasPrefix("odeum=") })
    }
  }

  @Test func `a second factor is turned off by a link and the password`() async throws {
    let hosting = PlayedHosting()
    try await browse(nil, hosting) { browser in
      let asked = try await browser.post("/sign-in/code/lost", "challenge=challenge&back=/jobs")
      #expect(asked.status == .ok && asked.text.contains("A link is on its way"))
      #expect(asked.text.contains(#"name="challenge" value="challenge""#), "a code can be given all the same")
      #expect(hosting.state.withLock { $0.calls["requestSecondFactorOff"] } == 1)
      let late = try await browser.post("/sign-in/code/lost", "challenge=other&back=/jobs")
      #expect(late.status == .unprocessableContent && late.text.contains("took too long"))
      let page = try await browser.get("/sign-in/link?token=lost").text
      #expect(page.contains("Turn off the second factor") && page.contains("current-password"))
      #expect(!page.contains("new-password"))
      let wrong = try await browser.post("/sign-in/link", "token=lost&password=wrong")
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("not your password"))
      let done = try await browser.post("/sign-in/link", "token=lost&password=long+enough")
      #expect(done.status == .seeOther && done.headers[.location] == "/sign-in")
      #expect(done.headers[values: .setCookie].allSatisfy { !$0.hasPrefix("odeum=") })
      #expect(try await browser.post("/sign-in/link", "token=lost&password=long+enough").status == .gone)
    }
    hosting.state.withLock { $0.sendsMail = false }
    try await browse(nil, hosting) { browser in
      let page = try await browser.post("/sign-in/code", "challenge=challenge&code=000000&back=/jobs").text
      #expect(page.contains("odeumd admin second-factor-off") && !page.contains("/sign-in/code/lost"))
    }
  }

  @Test func `without mail the way to a new password is said`() async throws {
    let hosting = PlayedHosting()
    hosting.state.withLock { $0.sendsMail = false }
    try await browse(nil, hosting) { browser in
      let page = try await browser.get("/sign-in/forgotten").text
      #expect(page.contains("odeumd admin link") && !page.contains("Send the link"))
      let refused = try await browser.post("/sign-in/forgotten", "email=owner%40example.org")
      #expect(refused.status == .unprocessableContent && refused.text.contains("sends no mail"))
    }
  }

  @Test func `a link is not used up by looking at it, and works once`() async throws {
    try await browse(nil) { browser in
      for _ in 0..<3 {
        #expect(try await browser.get("/sign-in/link?token=choose").text.contains("Choose a password"))
      }
      let short = try await browser.post("/sign-in/link", "token=choose&password=short&repeated=short")
      #expect(short.status == .unprocessableContent && short.text.contains("at least 8 characters"))
      let differing = try await browser.post(
        "/sign-in/link", "token=choose&password=long+enough&repeated=long+enouhg")
      #expect(differing.status == .unprocessableContent && differing.text.contains("not the same"))
      let done = try await browser.post(
        "/sign-in/link", "token=choose&password=long+enough&repeated=long+enough")
      #expect(done.status == .seeOther && done.headers[.location] == "/instances")
      let again = try await browser.post(
        "/sign-in/link", "token=choose&password=long+enough&repeated=long+enough")
      #expect(again.status == .gone && again.text.contains("This link is over"))
    }
  }
}
