/// A program to run and all that it is given, as a value: made in one place, compared in tests, run by a `Host`.
///
/// Words reach the program as they are; no shell reads them on the local machine, and over SSH they are quoted by
/// `wireForm()`. So no word can become syntax.
public struct Command: Sendable, Hashable {
  /// The program: a name looked up in `PATH`, or an absolute path. Never a secret.
  public var program: String
  /// Its arguments.
  public var words: [Word]
  /// The working folder; `nil` leaves the host's default.
  public var folder: String?
  /// Variables added to the host's environment, by name.
  public var environment: [String: Word]
  /// What the program reads on its standard input; `nil` is an empty input. Treated as a secret: never printed.
  public var input: [UInt8]?

  /// A command of `program` with `words`.
  public init(
    _ program: String, _ words: Word..., folder: String? = nil, environment: [String: Word] = [:],
    input: [UInt8]? = nil
  ) {
    self.init(program, words: words, folder: folder, environment: environment, input: input)
  }

  /// A command of `program` with `words`.
  public init(
    _ program: String, words: [Word], folder: String? = nil, environment: [String: Word] = [:],
    input: [UInt8]? = nil
  ) {
    self.program = program
    self.words = words
    self.folder = folder
    self.environment = environment
    self.input = input
  }

  /// The command with more words at its end.
  public func adding(_ more: Word...) -> Command {
    var command = self
    command.words += more
    return command
  }

  /// The command with `--` and `operands` at its end, so that an operand that begins with `-` is not an option.
  public func operands(_ operands: Word...) -> Command {
    self.operands(operands)
  }

  /// The command with `--` and `operands` at its end, so that an operand that begins with `-` is not an option.
  public func operands(_ operands: [Word]) -> Command {
    var command = self
    command.words += ["--"] + operands
    return command
  }
}

// MARK: - Rendering

extension Command: CustomStringConvertible, CustomDebugStringConvertible {
  /// The command as a person would type it into a shell, with `[redacted]` in the place of secrets.
  public var description: String {
    String(decoding: rendered(word: \.redacted, bareProgram: true), as: UTF8.self)
  }

  /// As `description`.
  public var debugDescription: String { description }

  /// The command as one line for a POSIX shell on a host, secrets included: what is sent over SSH, where a login
  /// shell always reads one string. The input is not part of it.
  ///
  /// A shell's own command line is visible to every user of its host for as long as the shell lives; a secret
  /// that must not be seen there belongs into `input`.
  ///
  /// - Throws: `CommandError` for what no program can receive.
  public func wireForm() throws(CommandError) -> [UInt8] {
    try validate()
    return rendered(word: { $0.reveal() }, bareProgram: false)
  }

  /// Refuses what the operating system cannot pass on: it would be cut off silently at a NUL byte.
  ///
  /// - Throws: `CommandError` with the word's place.
  public func validate() throws(CommandError) {
    guard !program.isEmpty, !program.utf8.contains(0), !program.hasPrefix("-") else {
      throw .impossibleProgram(program)
    }
    for (index, word) in words.enumerated() where word.reveal().contains(0) {
      throw .nulByte(place: "word \(index + 1)", program: program)
    }
    if let folder, folder.utf8.contains(0) {
      throw .nulByte(place: "the working folder", program: program)
    }
    for (name, value) in environment {
      guard Self.isVariableName(name) else { throw .impossibleVariable(name, program: program) }
      guard !value.reveal().contains(0) else {
        throw .nulByte(place: "the variable \(name)", program: program)
      }
    }
  }

  private func rendered(word render: (Word) -> [UInt8], bareProgram: Bool) -> [UInt8] {
    var line: [UInt8] = []
    func add(_ text: some Sequence<UInt8>) { line.append(contentsOf: text) }
    if let folder {
      // Without a slash in front `cd` would search CDPATH, and `-` would be the previous folder.
      let safe = folder.hasPrefix("/") ? folder : "./" + folder
      add("cd ".utf8)
      add(ShellQuoting.quote(Array(safe.utf8)))
      add(" && ".utf8)
    }
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
      if !bareProgram { add("export ".utf8) }
      add(name.utf8)
      add("=".utf8)
      add(ShellQuoting.quote(render(value)))
      add(bareProgram ? " ".utf8 : " && ".utf8)
    }
    if bareProgram {
      add(ShellQuoting.quote(Array(program.utf8)))
    } else {
      add("exec ".utf8)
      add(ShellQuoting.always(Array(program.utf8)))
    }
    for word in words {
      add(" ".utf8)
      add(ShellQuoting.quote(render(word)))
    }
    return line
  }

  private static func isVariableName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
      return false
    }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default:
        false
      }
    }
  }
}
