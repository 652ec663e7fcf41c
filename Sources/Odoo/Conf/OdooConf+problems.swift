extension OdooConf {
  /// Everything that keeps these settings from being a working file; empty where there is nothing.
  public var problems: [InputProblem] {
    textProblems + filterProblems + pathProblems + numberProblems + extraProblems
  }

  private var textProblems: [InputProblem] {
    let texts: [(field: String, name: String, value: String)] =
      [
        ("databaseHost", "The database host", database.host),
        ("databasePassword", "The database password", database.password?.text ?? "-"),
        ("masterPassword", "The master password", masterPassword.text),
        (ConfField.databaseFilter.rawValue, "The database filter", databaseFilter ?? "-"),
        ("httpInterface", "The listen address", listen.interface),
        ("mailCatcher", "The mail catcher's host", mailCatcher?.host ?? "-"),
      ]
    return texts.compactMap { text in
      let fault = text.value.isEmpty ? "is empty" : ConfText.fault(in: text.value)
      guard let fault else { return nil }
      return InputProblem(
        field: text.field, message: "\(text.name) \(fault).", suggestion: "Give it as plain text on one line."
      )
    }
  }

  private var filterProblems: [InputProblem] {
    guard let databaseFilter, !databaseFilter.isEmpty, ConfText.fault(in: databaseFilter) == nil,
      let fault = DatabaseFilter.fault(in: databaseFilter, for: database.name)
    else { return [] }
    return [
      InputProblem(
        field: ConfField.databaseFilter.rawValue,
        message: "The database filter \(quoted(databaseFilter)) \(fault).",
        suggestion: "Leave it empty for \(database.name.exactFilter).")
    ]
  }

  private var pathProblems: [InputProblem] {
    let paths = [("dataDir", dataDir)] + addonsPath.map { ("addonsPath", $0) }
    return paths.compactMap { field, path in
      if !path.hasPrefix("/") {
        return InputProblem(
          field: field, message: "The path \(quoted(path)) is not absolute.",
          suggestion: "Begin it with a slash.")
      }
      // Odoo expands `$NAME` and `~`, and takes a comma as the end of one path and the start of the next.
      let hasOddCharacter = path.contains { "$~,".contains($0) }
      guard hasOddCharacter || ConfText.fault(in: path) != nil else { return nil }
      return InputProblem(
        field: field, message: "The path \(quoted(path)) has a character that Odoo would not take literally.",
        suggestion: "Use a path without $, ~, commas, control characters and blanks at the ends.")
    }
  }

  private var numberProblems: [InputProblem] {
    typealias Number = (field: String, name: String, value: Int, allowed: ClosedRange<Int>)
    func of(_ field: ConfField, _ name: String, _ value: Int) -> Number {
      (field.rawValue, name, value, field.allowed)
    }
    let ports = 1...65_535
    let numbers: [Number] = [
      of(.workers, "The number of workers", workers),
      of(.cronThreads, "The number of cron threads", cronThreads),
      of(.memoryPerWorker, "The memory of a worker in MB", limits.memoryPerWorker),
      of(.cpuTimeLimit, "The CPU time limit in seconds", limits.cpuTime),
      of(.realTimeLimit, "The real time limit in seconds", limits.realTime),
      ("databasePort", "The database port", database.port, ports),
      ("databaseConnections", "The number of database connections", database.maxConnections, 1...10_000),
      (
        "databaseConnections", "The number of gevent database connections",
        database.maxConnectionsGevent ?? 1, 1...10_000
      ),
      ("httpPort", "The HTTP port", listen.http, ports),
      ("geventPort", "The gevent port", listen.gevent, ports),
      ("mailCatcher", "The mail catcher's port", mailCatcher?.port ?? 1, ports),
    ]
    var problems = numbers.compactMap { number -> InputProblem? in
      guard !number.allowed.contains(number.value) else { return nil }
      return InputProblem(
        field: number.field,
        message: "\(number.name) is \(number.value).",
        suggestion: "Give a number from \(number.allowed.lowerBound) to \(number.allowed.upperBound).")
    }
    if listen.http == listen.gevent {
      problems.append(
        InputProblem(
          field: "geventPort", message: "Both of Odoo's ports are \(listen.http).",
          suggestion: "Give them different numbers."))
    }
    return problems
  }

  private var extraProblems: [InputProblem] {
    var seen: Set<String> = []
    return extra.compactMap { entry in
      if !seen.insert(entry.key).inserted {
        return InputProblem(
          field: ConfSnippet.field, line: entry.line, message: "The key \(entry.key) stands there twice.",
          suggestion: "Keep one of the two lines.")
      }
      if !ConfSyntax.isKey(entry.key) || entry.value.unicodeScalars.contains(where: ConfSyntax.isForbidden) {
        return InputProblem(
          field: ConfSnippet.field, line: entry.line,
          message: "The key \(quoted(entry.key)) or its value has a character that cannot stand in the file.",
          suggestion: "Type the line anew.")
      }
      switch ConfKey.named(entry.key)?.owner {
      case .reserved(let why):
        return InputProblem(
          field: ConfSnippet.field, line: entry.line, message: "The key \(entry.key) is set by Odeum. \(why)",
          suggestion: "Remove the line.")
      case .field(let field):
        return InputProblem(
          field: ConfSnippet.field, line: entry.line,
          message: "The key \(entry.key) has a field of its own: \(field.label).",
          suggestion: "Set it there and remove the line.")
      case .mail where mailCatcher != nil:
        return ConfSnippet.mailProblem(entry.key, line: entry.line)
      case .snippet where entry.key == "limit_memory_hard":
        guard let hard = Int(entry.value), hard != 0, hard < limits.softBytes else { return nil }
        return InputProblem(
          field: ConfSnippet.field, line: entry.line,
          message: "limit_memory_hard is below the soft limit of \(limits.softBytes) bytes: "
            + "a worker would fail before it could be replaced.",
          suggestion: "Remove the line, or give at least \(limits.hardBytes).")
      case .snippet, .mail, nil:
        return nil
      }
    }
  }
}
