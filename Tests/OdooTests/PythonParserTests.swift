import Foundation
import Testing

@testable import Odoo

/// Compares with Python's own parser, which is what Odoo reads the file with.
struct PythonParserTests {
  /// Pieces of which snippets are made that are near to what people write, and near to the edges.
  static let pieces = [
    "workers", "log_handler", "email_from", "a", "A", "b.c", "x-y", "=", ":", " = ", " : ", "==", "=:", "\n",
    "\r\n", "\r", "\n\n", " ", "  ", "\t", "    ", "#", ";", "# remark", "; remark", "[", "]", "[options]",
    "1",
    "value", "a b", "%", "%(x)s", "$HOME", "\"", "'", "\\", "\\n", ",", "é", "ß", "日本", "İ", "\u{A0}",
    "\u{0}",
    "\u{85}", "\u{B}", "\u{C}", "\u{1C}", "\u{2028}", "\u{FEFF}", "\u{200B}", "rem", "None", "False",
    "# a = b",
  ]

  struct Reading: Codable, Equatable {
    /// The pairs in order; nil where Python refuses the text.
    var pairs: [[String]]?
  }

  /// What Python reads in `[options]` followed by each text, as a file.
  static func python(_ texts: [String]) throws -> [Reading] {
    let script = """
      import configparser, io, json, sys, tempfile
      answers = []
      for text in json.load(sys.stdin):
          with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", suffix=".conf") as file:
              file.write(text)
              file.flush()
              parser = configparser.RawConfigParser()
              try:
                  parser.read([file.name], encoding="utf-8")
                  only = parser.sections() == ["options"]
                  answers.append({"pairs": [list(i) for i in parser.items("options")] if only else None})
              except configparser.Error:
                  answers.append({"pairs": None})
      json.dump(answers, sys.stdout)
      """
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let data = try JSONEncoder().encode(texts)
    let writer = Thread {
      try? input.fileHandleForWriting.write(contentsOf: data); try? input.fileHandleForWriting.close()
    }
    writer.start()
    let answer = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "python3 is needed for this test")
    return try JSONDecoder().decode([Reading].self, from: answer)
  }

  /// Whether Python accepts a text as a program.
  static func compiles(_ text: String) throws -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "import ast, sys; ast.parse(sys.argv[1])", text]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  /// Deterministic, so that a failure can be seen again.
  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }

  static func corpus(_ count: Int, seed: UInt64) -> [String] {
    var generator = Generator(state: seed)
    return (0..<count).map { _ in
      (0..<Int.random(in: 0...14, using: &generator)).map { _ in pieces.randomElement(using: &generator)! }
        .joined()
    }
  }

  /// Snippets as people write them, with indentation, remarks and empty lines between.
  static func lines(_ count: Int, seed: UInt64) -> [String] {
    var generator = Generator(state: seed)
    let indents = ["", "", "", "", " ", "  ", "\t", "    "]
    let contents = ["# a = b", "; c", "", "", " ", "more", "more = 1", "a,b:", "é x"]
    return (0..<count).map { _ in
      (0..<Int.random(in: 1...8, using: &generator)).map { index in
        let indent = indents.randomElement(using: &generator)!
        if Int.random(in: 0..<5, using: &generator) < 2 {
          return indent + contents.randomElement(using: &generator)!
        }
        return indent + "key\(index)" + [" = ", "=", ":", " : ", "\t=\t"].randomElement(using: &generator)!
          + ["", "1", "a = b", "#x", "a ; b", "  padded  ", "é"].randomElement(using: &generator)!
      }.joined(separator: ["\n", "\n", "\r\n", "\r"].randomElement(using: &generator)!)
    }
  }

  @Test func `Python reads an accepted snippet in another way, or not at all`() throws {
    let texts = Self.corpus(2_500, seed: 1) + Self.lines(2_500, seed: 2)
    let readings = try Self.python(texts.map { "[options]\n" + $0 })
    #expect(readings.count == texts.count)
    var accepted = 0
    for (text, reading) in zip(texts, readings) {
      let syntax = ConfSyntax(text, field: "odooConf")
      let keys = syntax.pairs.map(\.key)
      guard syntax.problems.isEmpty, Set(keys).count == keys.count else { continue }
      accepted += 1
      #expect(reading.pairs == syntax.pairs.map { [$0.key, $0.value] }, "\(String(reflecting: text))")
    }
    // The comparison means little unless many of the texts are good.
    #expect(accepted > 1_500)
  }

  @Test func `the rendered file gives Python other values than were put in`() throws {
    var files: [String] = []
    var expected: [[[String]]] = []
    for (index, text) in (Self.lines(1_000, seed: 3) + Self.corpus(300, seed: 4)).enumerated() {
      let version = OdooVersion.allCases[index % OdooVersion.allCases.count]
      guard let snippet = try? ConfSnippet.parse(text, for: version) else { continue }
      let conf = try OdooConf.sample(version).merging(snippet)
      guard let file = try? conf.render() else { continue }
      files.append(file)
      expected.append(
        conf.generated.map { [$0.key, $0.value] } + snippet.entries.map { [$0.key, $0.value] })
    }
    #expect(files.count > 300)
    for ((reading, expected), file) in zip(zip(try Self.python(files), expected), files) {
      #expect(reading.pairs == expected, "\(file)")
    }
  }

  @Test func `random bytes crash the parser`() throws {
    var generator = Generator(state: 5)
    for _ in 0..<3_000 {
      let bytes = (0..<Int.random(in: 0...120, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      guard let snippet = try? ConfSnippet.parse(text, for: .v19) else { continue }
      #expect(Set(snippet.entries.map(\.key)).count == snippet.entries.count)
      _ = try? OdooConf.sample(.v19).merging(snippet).render()
    }
  }
}
