import Foundation
import Logging
import Testing

@testable import odeumd

@Suite struct TextLogHandlerTests {
  @Test func `an event is one line that can be read`() {
    let line = TextLogHandler.line(
      at: Date(timeIntervalSince1970: 0), .info, "odeumd", "Request", ["status": "200", "path": "/läden"])
    #expect(line == "1970-01-01T00:00:00.000Z info odeumd: path=/läden status=200 Request\n")
  }

  @Test(arguments: ["a\nb", "a\r\nb", "a\u{2028}b", "a\u{2029}b", "a\u{85}b", "a\u{0B}b"])
  func `nothing that is logged begins a line of its own`(text: String) {
    let line = TextLogHandler.line(at: Date(), .error, "odeumd", text, ["name": "\(text)", "\(text)": "x"])
    #expect(line.filter(\.isNewline).count == 1 && line.last == "\n")
    #expect(line.contains("\\u{"))
  }

  @Test(arguments: [
    "\u{1B}[2J", "\u{1B}]0;title\u{07}", "\u{9B}31m", "\u{202E}gnp.exe", "\u{08}\u{08}x", "\u{00}",
  ])
  func `a terminal that shows the log does nothing but show it`(text: String) {
    let line = TextLogHandler.line(at: Date(), .error, "odeumd", "said \(text)", [:])
    let shown = line.dropLast().unicodeScalars.allSatisfy {
      ![.control, .format].contains($0.properties.generalCategory)
    }
    #expect(shown, "\(line)")
  }
}
