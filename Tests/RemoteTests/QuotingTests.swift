import Remote
import Testing

@Suite("Quoting")
struct QuotingTests {
  /// What has broken quoting elsewhere, and what shells give a meaning to.
  static let hostile: [[UInt8]] =
    [
      "", " ", "'", "''", "\"", "\\", "\\'", "a'b", "$(id)", "`id`", "${HOME}", "$HOME", "~", "~root", "*",
      "?",
      "[a-z]", "{a,b}", "!!", "!x", "#", "-n", "--", "-e", "=", "=ls", "a=b", "\n", "a\nb", "\r\n", "\t",
      ";reboot", "&&true", "|cat", ">x", "<x", "(", ")", "%s", "%", "\\n", "\u{1b}[31m", "EOF\n", "é", "🐘",
      "if",
      "\u{7f}", "a'\n'b", "'; touch /tmp/owned; '",
    ].map { Array($0.utf8) } + [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], Array(1...255)]

  /// Random byte strings in which special characters are frequent; no NUL, which no argument can hold.
  static func random(_ count: Int, seed: UInt64) -> [[UInt8]] {
    var generator = SplitMix(state: seed)
    let special = Array("'\"\\$`\n !*?[]{}()<>|&;#~=%-\t\r".utf8)
    return (0..<count).map { _ in
      (0..<Int.random(in: 0...24, using: &generator)).map { _ in
        Bool.random(using: &generator)
          ? special.randomElement(using: &generator)! : UInt8.random(in: 1...255, using: &generator)
      }
    }
  }

  @Test("hostile words come back from a shell byte for byte", arguments: ["sh", "bash"])
  func roundTrip(shell: String) async throws {
    let words = Self.hostile + Self.random(4000, seed: 20_10)
    for chunk in stride(from: 0, to: words.count, by: 500).map({ words[$0..<min($0 + 500, words.count)] }) {
      let command = Command("printf", words: [#"%s\0"#] + chunk.map { Word(bytes: $0) })
      let line = Word(bytes: try command.wireForm())
      let output = try await LocalHost().output(of: Command(shell, "-c", line), deadline: .seconds(60))
      let back = output.split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init)
      #expect(back == Array(chunk))
    }
  }

  @Test("hostile words reach a program on this machine byte for byte")
  func local() async throws {
    let words = Self.hostile + Self.random(400, seed: 7)
    let command = Command("/usr/bin/printf", words: [#"%s\0"#] + words.map { Word(bytes: $0) })
    let output = try await LocalHost().output(of: command, deadline: .seconds(60))
    #expect(output.split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init) == words)
  }

  @Test("hostile values of variables and folders come back from a shell")
  func variables() async throws {
    for value in Self.hostile {
      let command = Command(
        "sh", "-c", #"printf %s "$VALUE""#, folder: "/", environment: ["VALUE": Word(bytes: value)])
      let line = Word(bytes: try command.wireForm())
      let host = LocalHost()
      #expect(try await host.output(of: Command("sh", "-c", line), deadline: .seconds(20)) == value)
      #expect(try await host.output(of: command, deadline: .seconds(20)) == value)
    }
  }
}

/// A small reproducible generator (Steele, Lea and Flood, 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
