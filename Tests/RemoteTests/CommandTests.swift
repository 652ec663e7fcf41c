import Remote
import Testing

@Suite("Command")
struct CommandTests {
  let password = Secret("s'e c$ret")

  @Test("a command prints as one would type it, with its secrets redacted")
  func description() {
    let command = Command(
      "psql", "--dbname", "a b", "password=\(password)", Word(password), folder: "/srv/it's",
      environment: ["PGPASSWORD": .secret(password), "LANG": "C"], input: Array("top secret".utf8))
    #expect(
      command.description
        == #"cd '/srv/it'\''s' && LANG=C PGPASSWORD='[redacted]' psql --dbname 'a b' 'password=[redacted]' '[redacted]'"#
    )
  }

  @Test("the wire form holds the secrets, quoted, and an unusual program cannot be shell syntax")
  func wireForm() throws {
    let command = Command(
      "if", Word(password), folder: "-", environment: ["A": "x y"])
    #expect(
      try String(decoding: command.wireForm(), as: UTF8.self)
        == #"cd ./- && export A='x y' && exec 'if' 's'\''e c$ret'"#)
  }

  @Test("operands stand behind --")
  func operands() {
    #expect(Command("rm", "-f").operands("-rf", "x") == Command("rm", "-f", "--", "-rf", "x"))
    #expect(Command("ls").adding("-l") == Command("ls", "-l"))
  }

  @Test("commands are equal when all of their parts are")
  func equality() {
    #expect(Command("a", "b\(password)") == Command("a", "b\(Secret("s'e c$ret"))"))
    #expect(Command("a", "b\(password)") != Command("a", "b\(Secret("other"))"))
    #expect(Command("a", "b\(password)") != Command("a", Word("b" + password.reveal())))
  }

  @Test("a word made of a word and a number keeps what is secret in it")
  func interpolation() {
    let inner: Word = "x=\(password)"
    let outer: Word = "\(inner):\(5)\("!")"
    #expect(outer.description == "x=[redacted]:5!")
    #expect(outer.revealText() == "x=s'e c$ret:5!")
    #expect(outer.isSecret)
    #expect(!("plain \(5)" as Word).isSecret)
  }

  @Test("what would be cut off or misread by the system is refused")
  func impossible() {
    #expect(throws: CommandError.nulByte(place: "word 2", program: "echo")) {
      try Command("echo", "a", "b\0c").wireForm()
    }
    #expect(throws: CommandError.impossibleProgram("")) { try Command("").wireForm() }
    #expect(throws: CommandError.impossibleProgram("-x")) { try Command("-x").wireForm() }
    #expect(throws: CommandError.impossibleVariable("A;B", program: "env")) {
      try Command("env", environment: ["A;B": "1"]).wireForm()
    }
    #expect(throws: CommandError.nulByte(place: "the variable A", program: "env")) {
      try Command("env", environment: ["A": "\0"]).wireForm()
    }
    #expect(throws: CommandError.nulByte(place: "the working folder", program: "ls")) {
      try Command("ls", folder: "/\0").wireForm()
    }
  }

  @Test("a word that is not UTF-8 has no text, and prints repaired")
  func bytes() {
    let word = Word(bytes: [0x61, 0xff])
    #expect(word.revealText() == nil)
    #expect(word.description == "a\u{fffd}")
    #expect(word.reveal() == [0x61, 0xff])
  }
}
