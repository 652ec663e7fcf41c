import Foundation
import Synchronization
import Testing

@testable import Hosting
@testable import Web

@Suite struct ConsolePartsTests {
  @Test func `a form is read as browsers write it`() {
    let form = Form(
      encoded: "name=My+Shop%21&odooConf=a+%3D+1%0D%0Ab+%3D+2&name=second&empty=&flag&%C3%A9=%26")
    #expect(form["name"] == "My Shop!")
    #expect(form["odooConf"] == "a = 1\nb = 2")
    #expect(form["empty"] == "" && form.has("empty") && form.has("flag") && !form.has("missing"))
    #expect(form["é"] == "&")
    #expect(Form(encoded: "password=+x+").raw("password") == " x ")
    #expect(Form(encoded: "broken=%zz")["broken"] == "%zz")
  }

  @Test(arguments: [
    "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "",
    "/\t/evil.example", "/a\nb",
  ])
  func `a place to go back to is never on another site`(path: String) {
    #expect(LocalPath(path) == nil)
  }

  @Test func `a place to go back to may have a query`() {
    #expect(LocalPath("/instances?search=a%20b")?.text == "/instances?search=a%20b")
  }

  @Test func `what is said once survives its cookie, and a broken cookie says nothing`() throws {
    let flash = Flash(kind: .good, text: "“<b>” is saved. ÄÖ", notes: ["workers = 4 moved into its field."])
    let cookie = try #require(flash.cookie(secure: true))
    #expect(Flash(cookie: cookie.value) == flash)
    #expect(cookie.description.contains("HttpOnly") && cookie.description.contains("Secure"))
    #expect(Flash(cookie: "nonsense") == nil)
    let long = Flash(
      kind: .good, text: "Saved.", notes: Array(repeating: String(repeating: "x", count: 900), count: 9))
    #expect(try #require(long.cookie(secure: false)).value.utf8.count < 3500)
  }

  @Test(arguments: [
    (-3.0, "just now"), (-50.0, "1 minute ago"), (-600.0, "10 minutes ago"), (-7300.0, "2 hours ago"),
    (-259_200.0, "3 days ago"), (30.0, "in a moment"), (7200.0, "in 2 hours"),
  ])
  func `an instant is told relative to now`(seconds: Double, words: String) {
    #expect(Moment.relative(seconds) == words)
  }

  @Test(arguments: [(0.04, "0.0 s"), (42.0, "42 s"), (185.0, "3 min 5 s"), (7800.0, "2 h 10 min")])
  func `a length of time is told in two units at most`(seconds: Double, words: String) {
    #expect(Moment.length(seconds) == words)
  }

  @Test func `the lines of a traceback look like the error that they belong to`() {
    var looks = LogLooks()
    func look(_ level: String?, _ source: LogSource = .odoo, _ text: String = "x") -> String {
      looks.look(of: InstanceLogLine(time: Date(), source: source, level: level, text: text))
    }
    #expect(look("INFO") == "info")
    #expect(look("ERROR") == "error")
    #expect(look(nil, .odoo, "Traceback (most recent call last):") == "error")
    #expect(look("WARNING") == "warning")
    #expect(look("CRITICAL") == "error")
    #expect(look("DEBUG") == "debug")
    #expect(look(nil, .database, "2026-11-21 03:00:00 UTC [7] FATAL:  terminating connection") == "error")
    #expect(look(nil, .database, "2026-11-21 03:00:00 UTC [7] DETAIL:  more of it") == "error")
    #expect(look(nil, .database, "2026-11-21 03:00:00 UTC [7] LOG:  checkpoint complete") == "info")
  }

  @Test func `a form that is sent twice at once does its work once, and both get the secret`() async throws {
    let submissions = Submissions<String>()
    let person = UUID()
    let count = Atomic<Int>(0)
    let work: @Sendable () async throws -> String = {
      let number = count.add(1, ordering: .relaxed).newValue
      try await Task.sleep(for: .milliseconds(20))
      return "secret \(number)"
    }
    async let first = submissions.once("key", by: person, work)
    async let second = submissions.once("key", by: person, work)
    #expect(try await [first, second] == ["secret 1", "secret 1"])
    // Another person's form has nothing to do with it, whatever its key.
    #expect(try await submissions.once("key", by: UUID(), work) == "secret 2")
  }

  @Test func `a form that is filled in otherwise is taken for the same one`() {
    let form = Form(["key": "k", "name": "a", "note": "b"])
    #expect(form.submission == Form(["note": "b", "name": "a", "key": "k"]).submission)
    for other in [
      ["key": "k", "name": "ab", "note": ""], ["key": "k", "name": "a"],
      ["key": "l", "name": "a", "note": "b"],
    ] { #expect(Form(other).submission != form.submission, "\(other)") }
    #expect(Form(["name": "a"]).submission.isEmpty)
  }

  @Test func `a form that was refused can be sent again under its key`() async throws {
    let submissions = Submissions<String>()
    let person = UUID()
    await #expect(throws: HostingError.self) {
      try await submissions.once("key", by: person) { throw HostingError(.invalid, "No.") }
    }
    #expect(try await submissions.once("key", by: person) { "done" } == "done")
  }
}
