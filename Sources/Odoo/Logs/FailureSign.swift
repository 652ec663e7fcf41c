/// A known sign in a log, and what it means.
struct FailureSign: Sendable {
  /// The text that gives it away.
  let marker: String
  /// The reason, given the text of the record; nil where it turns out to be something else.
  let read: @Sendable (_ text: String) -> (message: String, suggestion: String)?
  let cause: FailureReason.Cause

  init(
    _ cause: FailureReason.Cause, _ marker: String,
    read: @escaping @Sendable (_ text: String) -> (message: String, suggestion: String)?
  ) {
    self.cause = cause
    self.marker = marker
    self.read = read
  }

  init(_ cause: FailureReason.Cause, _ marker: String, _ message: String, _ suggestion: String) {
    self.init(cause, marker) { _ in (message, suggestion) }
  }

  /// The reason that a record gives, or nil where the sign is not in it.
  func reason(in searched: SearchedLine) -> FailureReason? {
    guard searched.contains(marker), let found = searched.text.line(with: marker),
      let (message, suggestion) = read(searched.text)
    else { return nil }
    // A line of a call stack tells less than the exception below it.
    let evidence = found.hasPrefix("  File ") ? searched.line.exception ?? found : found
    return FailureReason(
      cause: cause, message: message, suggestion: suggestion, evidence: String(evidence.prefix(500)))
  }

  /// Every sign, the most telling first: one failure often leaves several.
  static let all: [FailureSign] = machine + configuration + database + modules + databaseState
}

extension FailureSign {
  /// Signs of the machine and of what surrounds Odoo.
  static let machine: [FailureSign] = [
    FailureSign(
      .disk, "No space left on device", "The disk is full.",
      "Free space on the server or enlarge its disk, then try again."),
    FailureSign(
      .memory, "MemoryError", "A process of Odoo reached its memory limit.",
      "Raise the max memory per worker."),
    FailureSign(.memory, "Cannot allocate memory", "The server has no memory left.", moreMemory),
    FailureSign(.memory, "Killed") { text in
      // What a shell says of a killed child: "Killed", or "entrypoint.sh: line 50:    42 Killed   odoo".
      guard text.hasPrefix("Killed") || text.contains(" Killed ") else { return nil }
      return ("Odoo was killed, most often for lack of memory.", moreMemory)
    },
    FailureSign(.portInUse, " is in use by another program") { text in
      let port = text.between("Port ", " is in use") ?? "of Odoo"
      return (
        "The port \(port) is taken by another process.",
        "Stop what uses it, or give the instance other ports."
      )
    },
    FailureSign(.portInUse, "[Errno 98] Address already in use") { _ in
      (
        "The port that Odoo wants to listen on is taken by another process.",
        "Stop what uses it, or give the instance other ports."
      )
    },
    FailureSign(.outdated, "Outdated python version detected") { text in
      let needed = text.between("Odoo requires ", " to run").map { "\($0)" } ?? "a newer Python"
      return ("Python is too old: Odoo requires \(needed).", "Use an image made for this version of Odoo.")
    },
    FailureSign(.permission, ": directory is not writable") { text in
      let folder = text.between("AssertionError: ", ": directory is not writable") ?? "its data folder"
      return ("Odoo may not write to \(folder).", "Give the folder to the user that Odoo runs as.")
    },
    FailureSign(.permission, "PermissionError: [Errno 13]") { text in
      let file = text.between("Permission denied: '", "'") ?? "a file it needs"
      return ("Odoo may not open \(file).", "Give it to the user that Odoo runs as.")
    },
  ]

  private static let moreMemory = "Raise the memory limit, use fewer workers, or move to a larger server."

  /// Signs of a configuration that Odoo cannot read.
  static let configuration: [FailureSign] = [
    FailureSign(.configuration, "configparser.DuplicateOptionError: ") { text in
      let key = text.between("option '", "'").map { " \($0)" } ?? ""
      return ("odoo.conf has the key\(key) twice.", "Remove one of the two lines.")
    },
    FailureSign(
      .configuration, "configparser.MissingSectionHeaderError", "odoo.conf has no [options] line.",
      "Let the file be generated anew."),
    FailureSign(
      .configuration, "configparser.ParsingError", "odoo.conf has a line that is no key = value.",
      "Correct the odoo.conf text in the settings."),
    FailureSign(.configuration, "odoo/tools/config.py") { text in
      // Before logging is set up, a value that cannot be read ends the program with a bare traceback.
      let lines = text.split(separator: "\n").map(String.init)
      guard let exception = LogLine(head: nil, message: "", details: lines).exception,
        exception.hasPrefix("ValueError: ") || exception.hasPrefix("optparse.OptionValueError: ")
      else { return nil }
      return (
        "odoo.conf has a value that Odoo cannot read: "
          + FailureReason.sentence(exception.after(": ") ?? exception),
        "Correct the odoo.conf text in the settings."
      )
    },
    FailureSign(.configuration, "selected with -c/--config doesn't exist") { text in
      let file = text.between("config file '", "'") ?? "odoo.conf"
      return ("Odoo cannot read \(file).", "Restart the instance hard, so that the file is written anew.")
    },
    FailureSign(.configuration, "no such directory: '") { text in
      let folder = text.between("no such directory: '", "'") ?? ""
      return ("The addons folder \(folder) does not exist.", "Check the folders of the instance's code.")
    },
    FailureSign(.configuration, "is not a valid addons directory") { text in
      let folder = text.between("the path '", "'") ?? "in addons_path"
      return (
        "The addons folder \(folder) holds no module.",
        "Take it out, or check that the code was fetched whole."
      )
    },
    FailureSign(.configuration, ": error: ") { text in
      // The option parser's last words: "odoo server: error: no such option: --worker".
      guard text.hasPrefix("odoo"), let what = text.after(": error: ") else { return nil }
      return (
        "Odoo does not accept its configuration: \(FailureReason.sentence(what))",
        "Correct the value in the settings."
      )
    },
    FailureSign(
      .configuration, "Using the database user 'postgres' is a security risk",
      "Odoo refuses to work as the database user postgres.", "Give the instance a database user of its own."),
  ]
}
