import CLibpq
import FoundationEssentials

extension PostgresConfiguration {
  /// How a program of PostgreSQL, such as `pg_dump`, is told where to connect: by environment variables, which other
  /// users cannot read, and the few parameters that have no variable as words of its command line.
  ///
  /// Throws `DumpError.secretParameter` for a secret that has no variable.
  func forPrograms() throws -> (environment: [String: String], address: String) {
    guard let options = PQconndefaults() else {
      throw PostgresError(.misuse, "libpq cannot list its parameters: out of memory")
    }
    defer { PQconninfoFree(options) }
    // What libpq finds in our environment holds for our own connections, and so for theirs.
    var environment = ProcessInfo.processInfo.environment.filter {
      $0.key.hasPrefix("PG") || $0.key == "HOME"
    }
    var words: [String] = []
    let given = effectiveParameters
    var option = options
    while let keyword = option.pointee.keyword {
      defer { option += 1 }
      let name = String(cString: keyword)
      guard let value = given[name], !value.isEmpty, name != "fallback_application_name" else { continue }
      if let variable = option.pointee.envvar {
        environment[String(cString: variable)] = value
      } else if option.pointee.dispchar.map({ String(cString: $0) }) == "*" {
        throw DumpError.secretParameter(name)
      } else {
        words.append("\(name)='\(Self.escaped(value))'")
      }
    }
    words.append("dbname='\(Self.escaped(database))'")
    return (environment, words.sorted().joined(separator: " "))
  }

  /// A value between quotes as libpq reads it ("Keyword/Value Connection Strings" in its manual).
  private static func escaped(_ value: String) -> String {
    value.reduce(into: "") { text, character in
      if character == "'" || character == "\\" { text += "\\" }
      text.append(character)
    }
  }
}
