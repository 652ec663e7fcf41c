/// A command that no program could receive as it is written. A fault of the caller: nothing was run.
public enum CommandError: Error, Hashable, Sendable {
  /// The program is empty, holds a NUL byte, or begins with `-`.
  case impossibleProgram(String)
  /// A word, the folder or a variable holds a NUL byte, at which the operating system would cut it off.
  case nulByte(place: String, program: String)
  /// A variable's name is not made of letters, digits and `_`.
  case impossibleVariable(String, program: String)
}

extension CommandError: CustomStringConvertible {
  /// What is wrong.
  public var message: String {
    switch self {
    case .impossibleProgram(let program):
      "\(String(reflecting: program)) cannot be the name of a program."
    case .nulByte(let place, let program):
      "\(place) of the command \(program) holds a NUL byte."
    case .impossibleVariable(let name, let program):
      "\(String(reflecting: name)) cannot be the name of an environment variable of the command \(program)."
    }
  }

  /// What to do about it.
  public var suggestion: String {
    switch self {
    case .impossibleProgram: "Name the program, or give its absolute path."
    case .nulByte: "Remove the NUL byte from the value: it comes from a field, a file name or a setting."
    case .impossibleVariable: "Use letters, digits and _ only, and no digit in front."
    }
  }

  /// The message and the suggestion.
  public var description: String { "\(message) \(suggestion)" }
}
