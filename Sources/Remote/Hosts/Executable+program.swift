import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage

extension Executable {
  /// A program by its path, or by a name that is looked up in `PATH`.
  ///
  /// The library would look a name up by starting a process for each folder of `PATH`, until it finds one in which the
  /// program is. That is dearer than most commands.
  ///
  /// - Parameter searching: whether the `PATH` of this process decides; else the library looks, in the program's own.
  static func program(_ program: String, searching: Bool = true) -> Executable {
    if program.contains("/") { return .path(FilePath(program)) }
    guard searching, let path = getenv("PATH").map({ String(cString: $0) }) else { return .name(program) }
    for folder in path.split(separator: ":") where folder.hasPrefix("/") {
      let candidate = "\(folder)/\(program)"
      var entry = stat()
      if stat(candidate, &entry) == 0, entry.st_mode & S_IFMT == S_IFREG, access(candidate, X_OK) == 0 {
        return .path(FilePath(candidate))
      }
    }
    // The library says that it is missing, as for every other.
    return .name(program)
  }
}
