import Foundation
import Logging
import Testing

@testable import odeumd

@Suite struct LogLineTests {
  @Test func `an event is one line that can be read`() {
    let line = LogLine(
      time: Date(timeIntervalSince1970: 0), level: .info, logger: "odeumd", message: "Request",
      metadata: ["status": "200", "path": "/läden"])
    #expect(line.text == "1970-01-01T00:00:00.000Z info odeumd: path=/läden status=200 Request\n")
    #expect(
      line.json == """
        {"level":"info","logger":"odeumd","message":"Request","path":"/läden","status":"200",\
        "time":"1970-01-01T00:00:00.000Z"}

        """)
  }

  @Test(arguments: ["a\nb", "a\r\nb", "a\u{2028}b", "a\u{2029}b", "a\u{85}b", "a\u{0B}b"])
  func `nothing that is logged begins a line of its own`(text: String) {
    let line = LogLine(level: .error, logger: "odeumd", message: text, metadata: ["name": text, text: "x"])
    #expect(line.text.filter(\.isNewline).count == 1 && line.text.last == "\n")
    #expect(line.text.contains("\\u{"))
    #expect(line.json.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 1 && line.json.last == "\n")
  }

  @Test(arguments: [
    "\u{1B}[2J", "\u{1B}]0;title\u{07}", "\u{9B}31m", "\u{202E}gnp.exe", "\u{08}\u{08}x", "\u{00}",
  ])
  func `a terminal that shows the log does nothing but show it`(text: String) {
    let line = LogLine(level: .error, logger: "odeumd", message: "said \(text)").text
    let shown = line.dropLast().unicodeScalars.allSatisfy {
      ![.control, .format].contains($0.properties.generalCategory)
    }
    #expect(shown, "\(line)")
  }
}
