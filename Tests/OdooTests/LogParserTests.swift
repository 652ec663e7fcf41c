import Foundation
import Testing

@testable import Odoo

struct LogParserTests {
  private func one(_ text: String) throws -> LogLine {
    let records = LogParser.records(in: text)
    try #require(records.count == 1)
    return records[0]
  }

  @Test func `a record is taken apart wrongly`() throws {
    let line = try one(
      "2026-11-21 03:35:56,749 1 INFO my-shop odoo.modules.loading: 44 modules loaded in 0.70s, 0 queries (+0 extra) \n"
    )
    let head = try #require(line.head)
    #expect(head.process == 1)
    #expect(head.level == .info)
    #expect(head.database == "my-shop")
    #expect(head.logger == "odoo.modules.loading")
    #expect(line.message == "44 modules loaded in 0.70s, 0 queries (+0 extra)")
    #expect(head.performance == nil)
    #expect(head.time.date().timeIntervalSince1970 == 1_795_232_156.749)
    #expect(head.time.date(secondsFromGMT: 3_600).timeIntervalSince1970 == 1_795_228_556.749)
  }

  @Test func `a record without a database has one named after the question mark`() throws {
    let line = try one("2026-11-21 03:35:55,354 42 WARNING ? odoo: x: y  ")
    #expect(line.head?.database == nil)
    #expect(line.head?.process == 42)
    #expect(line.message == "x: y")
  }

  @Test(
    arguments: [
      (
        "GET /web/login HTTP/1.0\" 200 - 33 0.021 0.180", "GET /web/login HTTP/1.0\" 200 -", 33, 0.021, 0.18,
        nil
      ),
      ("GET / HTTP/1.1\" 303 - 1 0.000 -0.001", "GET / HTTP/1.1\" 303 -", 1, 0, -0.001, nil),
      ("GET / HTTP/1.1\" 303 - 1 0.000 0.003 ro->rw", "GET / HTTP/1.1\" 303 -", 1, 0, 0.003, "ro->rw"),
      ("GET / HTTP/1.1\" 303 - 1 0.000 0.003 -", "GET / HTTP/1.1\" 303 -", 1, 0, 0.003, nil),
    ] as [(String, String, Int, Double, Double, String?)])
  func `the figures of a web request are lost`(
    message: String, expected: String, queries: Int, queryTime: Double, remaining: Double, mode: String?
  ) throws {
    let line = try one("2026-11-21 03:35:55,354 42 INFO shop werkzeug: 10.0.0.1 - - [x] \"\(message)")
    #expect(line.message == "10.0.0.1 - - [x] \"\(expected)")
    let performance = try #require(line.head?.performance)
    #expect(performance.queries == queries)
    #expect(performance.queryTime == queryTime)
    #expect(performance.remainingTime == remaining)
    #expect(performance.cursorMode == mode)
  }

  @Test func `a request without figures keeps the dashes`() throws {
    for tail in ["- - -", "- - - -"] {
      let line = try one(
        "2026-11-21 03:35:55,354 42 INFO ? werkzeug: 1.2.3.4 \"GET / HTTP/1.1\" 404 - \(tail)")
      #expect(line.message.hasSuffix("404") || line.message.hasSuffix("404 -"))
      #expect(line.head?.performance == nil)
    }
    let other = try one("2026-11-21 03:35:55,354 42 INFO shop odoo.x: took 12 0.034 0.056")
    #expect(other.message == "took 12 0.034 0.056")
    #expect(other.head?.performance == nil)
  }

  @Test func `a traceback is torn from its record`() throws {
    let records = LogParser.records(
      in: """
        2026-11-21 03:35:55,354 1 ERROR shop odoo.sql_db: bad query: SELECT
          1
        ERROR: syntax error
        Traceback (most recent call last):
          File "x.py", line 1, in f
            g()
        ValueError: first

        During handling of the above exception, another exception occurred:

        Traceback (most recent call last):
          File "y.py", line 2, in h
        psycopg2.errors.SyntaxError: second
        more of the second
        2026-11-21 03:35:56,000 1 INFO shop odoo: next
        """)
    #expect(records.count == 2)
    #expect(records[0].message == "bad query: SELECT")
    #expect(records[0].details.count == 13)
    #expect(records[0].exception == "psycopg2.errors.SyntaxError: second")
    #expect(records[1].message == "next")
    #expect(records[1].details.isEmpty)
    #expect(records[1].exception == nil)
  }

  @Test func `lines that are no records are lost or joined`() throws {
    let records = LogParser.records(
      in: """
        Usage: odoo [options]

        odoo: error: no such option: --x
        2026-11-21 03:35:56,000 1 INFO shop odoo: running
        Killed
        after
        """)
    #expect(
      records.map(\.message) == [
        "Usage: odoo [options]", "odoo: error: no such option: --x", "running", "Killed", "after",
      ])
    #expect(records.map { $0.head != nil } == [false, false, true, false, false])
  }

  @Test(arguments: [
    "2026-11-21 03:35:56 1 INFO shop odoo: x", "2026-13-21 03:35:56,000 1 INFO shop odoo: x",
    "2026-02-29 03:35:56,000 1 INFO shop odoo: x", "2026-11-21 24:35:56,000 1 INFO shop odoo: x",
    "2026-11-21 03:35:56,000 x INFO shop odoo: x", "2026-11-21 03:35:56,000 1 NOTICE shop odoo: x",
    "2026-11-21 03:35:56,000 1 INFO shop", "2026-11-21 03:35:56,000 1 INFO shop odoo",
    "2026-11-21 03:35:56,000",
    " 2026-11-21 03:35:56,000 1 INFO shop odoo: x", "２026-11-21 03:35:56,000 1 INFO shop odoo: x",
  ])
  func `a line that only looks like a record is one`(text: String) throws {
    let line = try one(text)
    #expect(line.head == nil)
    #expect(line.message == text)
  }

  @Test func `a leap day has no time`() throws {
    #expect(LogTime("2024-02-29 00:00:00,000")?.milliseconds == 1_709_164_800_000)
    #expect(LogTime("1970-01-01 00:00:00,000")?.milliseconds == 0)
    #expect(LogTime("2100-02-29 00:00:00,000") == nil)
  }

  @Test func `colours stay in the text`() throws {
    let line = try one(
      "2026-11-21 03:35:56,000 1 \u{1B}[1;31m\u{1B}[1;49mERROR\u{1B}[0m shop odoo.x: a\u{1B}[0m b\u{1B}]0;title\u{7}c\r\n"
    )
    #expect(line.head?.level == .error)
    #expect(line.message == "a bc")
    #expect(TerminalCodes.stripped("\u{1B}") == "")
    #expect(TerminalCodes.stripped("\u{1B}[") == "")
    #expect(TerminalCodes.stripped("a\tb\u{8}c\u{1B}]8;;x\u{1B}\\d") == "a\tbcd")
  }

  @Test func `where the pieces of a stream are cut changes the records`() {
    let text = """
      raw
      2026-11-21 03:35:56,000 1 INFO shop odoo: schön 日本
      \u{1B}[1mdetail\u{1B}[0m
      2026-11-21 03:35:56,100 1 ERROR ? odoo: end
      Traceback (most recent call last):
      E: x
      """
    let whole = LogParser.records(in: text)
    #expect(whole.count == 3)
    let bytes = Array(text.utf8)
    for size in 1...20 {
      var parser = LogParser()
      var records: [LogLine] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        records += parser.feed(bytes[start..<min(start + size, bytes.count)])
      }
      #expect(records + parser.flush(atEnd: true) == whole)
    }
  }

  @Test func `a record waits for the next one after a flush`() {
    var parser = LogParser()
    #expect(parser.feed("2026-11-21 03:35:56,000 1 INFO shop odoo: one\nhalf").isEmpty)
    #expect(parser.flush().map(\.message) == ["one"])
    #expect(parser.flush().isEmpty)
    #expect(parser.feed(" a line\n").map(\.message) == ["half a line"])
  }

  @Test func `a line or record without end fills the memory`() {
    var parser = LogParser()
    let long = String(repeating: "x", count: 1_000_000)
    let records = parser.feed("2026-11-21 03:35:56,000 1 INFO shop odoo: \(long)\n") + parser.flush()
    #expect(records.count == 1)
    #expect(records[0].message.utf8.count <= LogParser.maximumLineLength + 3)
    #expect(records[0].message.hasSuffix("…"))
    var emitted: [LogLine] = []
    _ = parser.feed("2026-11-21 03:35:56,000 1 INFO shop odoo: many\n")
    for index in 0..<5_000 { emitted += parser.feed("detail \(index)\n") }
    emitted += parser.flush(atEnd: true)
    #expect(emitted.map { $0.details.count }.max() == LogParser.maximumDetails)
    #expect(emitted.reduce(0) { $0 + 1 + $1.details.count } == 5_001)
  }

  @Test func `random bytes crash the log parser`() {
    var generator = PythonParserTests.Generator(state: 9)
    let pieces = [
      "2026-11-21 03:35:56,000", " 1", " INFO", " ?", " odoo:", " werkzeug:", "\n", "\u{1B}[", "- - -",
      " 1 0.1 0.2", "é",
    ]
    for _ in 0..<2_000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...20, using: &generator) {
        if Bool.random(using: &generator) {
          bytes += Array(pieces.randomElement(using: &generator)!.utf8)
        } else {
          bytes.append(UInt8.random(in: 0...255, using: &generator))
        }
      }
      var parser = LogParser()
      _ = parser.feed(bytes) + parser.flush(atEnd: true)
    }
  }
}
