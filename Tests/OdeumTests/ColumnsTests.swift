import Testing

@testable import odeum

@Suite struct ColumnsTests {
  private let colour = Style(hasColour: true, isUnicode: true)

  @Test func `colour codes take no columns, wide letters two`() {
    #expect(Columns.count("abc") == 3)
    #expect(Columns.count(colour("abc", .red)) == 3)
    #expect(Columns.count("日本") == 4)
    #expect(Columns.count("● é") == 3)
  }

  @Test(arguments: [
    ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("abc", 0, ""),
  ])
  func `text is cut to the width, never beyond it`(text: String, width: Int, expected: String) {
    #expect(Columns.cut(text, to: width, colour) == expected)
  }

  @Test func `a colour that is cut off does not run on`() {
    let cut = Columns.cut(colour("abcdef", .red), to: 4, colour)
    #expect(Columns.count(cut) == 4)
    #expect(cut.hasSuffix("\u{1B}[0m"))
  }

  @Test func `what a log holds cannot command the terminal`() {
    let hostile = "a\u{1B}]0;title\u{7}\u{1B}[2Jb\rc\u{202E}d\te"
    let shown = Columns.harmless(hostile)
    #expect(!shown.unicodeScalars.contains { $0.value < 0x20 && $0 != "\t" })
    #expect(!shown.unicodeScalars.contains("\u{202E}"))
    #expect(shown.contains("title") && shown.contains("\te"))
  }

  @Test func `without colours and Unicode everything is plain ASCII`() {
    let plain = Style.plain
    let marks = [plain.done, plain.failed, plain.undone, plain.pending, plain.ellipsis, plain.spinner(3)]
    let text = (marks + [plain.bar(0.5, width: 10), plain.state("running"), plain("x", .red)]).joined()
    #expect(text.allSatisfy { $0.isASCII })
    #expect(!text.contains("\u{1B}"))
  }

  @Test(arguments: [(0.0, 0), (0.5, 5), (0.99, 9), (1.0, 10), (7.0, 10), (-1.0, 0)])
  func `a bar is as full as the work is done`(fraction: Double, full: Int) {
    #expect(
      Style.plain.bar(fraction, width: 10) == String(repeating: "#", count: full)
        + String(repeating: "-", count: 10 - full))
  }
}
