extension FailureSign {
  /// Signs of modules that are missing or do not work.
  static let modules: [FailureSign] = [
    FailureSign(.unknownModule, "Failed to load server-wide module `") { text in
      let module = text.between("Failed to load server-wide module `", "`") ?? ""
      return (
        "The module \(module) in server_wide_modules cannot be loaded\(cause(of: text)).",
        "Correct server_wide_modules in the odoo.conf text, or add the module to the code."
      )
    },
    FailureSign(.unknownModule, "invalid module names, ignored: ") { text in
      let names = text.after("invalid module names, ignored: ")?.trimmingBlanks ?? ""
      return (
        "Odoo does not find \(names.contains(",") ? "the modules" : "the module") \(names).",
        "Check the technical names, and that their code is part of the instance."
      )
    },
    FailureSign(.unknownModule, "module base cannot be loaded") { _ in
      ("Odoo does not find its own module base.", "Check the folders in addons_path and the image.")
    },
    FailureSign(.pythonPackage, "External dependency '") { text in
      let package = text.between("External dependency '", "' not installed") ?? ""
      // The sentence that names the module is in the user's language; its first quoted word is the module.
      let module = text.after("odoo.exceptions.UserError: ")?.between("\"", "\"")
      return (
        "\(module.map { "The module \($0)" } ?? "A module") needs the Python package \(package).", addPackage
      )
    },
    FailureSign(.pythonPackage, "an external dependency is not met: ") { text in
      let module = text.between("module \"", "\"") ?? "A module"
      let what = text.after("an external dependency is not met: ") ?? ""
      return (
        "The module \(module) needs something that is not installed: \(FailureReason.sentence(what))",
        "Add it to requirements.txt, or to the Debian packages of the instance."
      )
    },
    FailureSign(.pythonPackage, "Python library not installed: ") { text in
      let package = text.after("Python library not installed: ") ?? ""
      return ("The Python package \(package) is not installed.", addPackage)
    },
    FailureSign(.unknownModule, "module is not available in your system") { text in
      guard
        let missing = text.between("depends on module '", "'") ?? text.between("depends on module \"", "\"")
          ?? text.between("depends on the module: ", ".")
      else { return nil }
      let asking = text.between("install module '", "'") ?? text.between("install module \"", "\"")
      return (
        "The module \(asking ?? "to be installed") needs the module \(missing), which is not there.",
        "Add \(missing) to the instance's code."
      )
    },
    FailureSign(.unknownModule, "No module named 'odoo.addons.") { text in
      let name = text.between("No module named 'odoo.addons.", "'")?.prefix { $0 != "." } ?? ""
      return ("The module \(name) is not there.", "Add it to the instance's code.")
    },
    FailureSign(.pythonPackage, "No module named '") { text in
      let package = text.between("No module named '", "'")?.prefix { $0 != "." } ?? ""
      return ("The Python package \(package) is not installed.", addPackage)
    },
    FailureSign(.module, "ImportError: cannot import name") { text in
      let name = text.between("cannot import name '", "'") ?? ""
      let source = text.between("from '", "'").map { " from \($0)" } ?? ""
      return (
        "The code cannot import \(name)\(source).",
        "The module is made for another version of Odoo or of a Python package."
      )
    },
    FailureSign(.module, "Some modules are not loaded, some dependencies or manifest may be missing: ") {
      text in
      let names = list(text.after("manifest may be missing: "))
      return (
        "These modules could not be loaded: \(names).",
        "Check that their code and that of the modules they need is part of the instance."
      )
    },
    FailureSign(.module, "Some modules have inconsistent states, some dependencies may be missing: ") {
      text in
      let names = list(text.after("dependencies may be missing: "))
      return (
        "These modules were not installed to the end: \(names).",
        "Check that the modules they need are part of the instance, and update them."
      )
    },
    FailureSign(.module, "odoo.tools.convert.ParseError: ") { text in
      let file = text.between("while parsing file:", ",").map { " in \($0)" } ?? ""
      return (
        "A module's data file cannot be read\(file).",
        "Correct the file; the log shows the place and what Odoo did not understand."
      )
    },
  ]

  private static let addPackage = "Add it to requirements.txt beside the modules, and deploy."

  private static func cause(of text: String) -> String {
    if let missing = text.between("No module named '", "'") { return ": there is no \(missing)" }
    if text.contains("FileNotFoundError") || text.contains("not found") { return ": it is not found" }
    return ""
  }

  /// A Python list of names as words: `['a', 'b']` becomes `a, b`.
  private static func list(_ text: String?) -> String {
    (text ?? "").filter { !"[]'\"".contains($0) }.trimmingBlanks
  }
}
