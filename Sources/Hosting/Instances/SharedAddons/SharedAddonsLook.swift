import Foundation
import Odoo
import Remote

/// What a server has at the path of an instance's shared addons, with every symbolic link followed.
struct SharedAddonsLook: Sendable, Equatable {
  /// Where the path leads to; nil where it leads to nothing.
  var real: String?
  /// Where the declared folder leads to that it lies in.
  var realFolder: String?
  /// Where those folders lead to that stay the host's own, as far as they are there.
  var realOwn: [String]
  /// Where the file system is mounted that the path leads into; nil where that is not known.
  var mountPoint: String?
  /// Whether there is a folder at the path.
  var isFolder: Bool
  /// Whether a folder directly in it is a module. Links do not count: in the container most lead to nothing.
  var hasModule: Bool
  /// Whether every user may look into it.
  var isReadable: Bool

  /// Looks at `path` in the declared folder `folder`, and at the folders `own`.
  static func command(at path: String, in folder: String, own: [String]) -> Command {
    Command("sh", words: ["-c", Word(script), "sh", Word(path), Word(folder)] + own.map { Word($0) })
  }

  /// Prints a field for each path, empty for one that leads to nothing, and behind them what holds of the first; each
  /// with a NUL behind it.
  private static let script = """
    for each do realpath -ez -- "$each" 2>/dev/null || printf '\\0'; done
    if [ -d "$1" ]; then printf 'folder\\0'; fi
    stat --printf='mount %m\\0' -- "$1/" 2>/dev/null
    find "$1/" -maxdepth 0 -perm -0005 -printf 'readable\\0' 2>/dev/null
    find "$1/" -mindepth 2 -maxdepth 2 -type f -name __manifest__.py -printf 'module\\0' -quit 2>/dev/null
    exit 0
    """

  /// Reads what `command` printed for so many folders `own`; nil where it cannot be that.
  init?(output: [UInt8], own count: Int) {
    let fields = output.split(separator: 0, omittingEmptySubsequences: false).dropLast()
      .map { String(decoding: $0, as: UTF8.self) }
    guard fields.count >= count + 2 else { return nil }
    real = fields[0].isEmpty ? nil : fields[0]
    realFolder = fields[1].isEmpty ? nil : fields[1]
    realOwn = fields[2..<(count + 2)].filter { !$0.isEmpty }
    let said = Set(fields.dropFirst(count + 2))
    mountPoint = said.first { $0.hasPrefix("mount ") }.map { String($0.dropFirst("mount ".count)) }
    isFolder = said.contains("folder")
    isReadable = said.contains("readable")
    hasModule = said.contains("module")
  }

  /// The path below the declared folder, empty for that itself, once every link in it is followed.
  ///
  /// - Throws: `HostingError` with code `invalid` where it may not be used, which names server, path and what to do.
  func inside(_ folder: HostFolder, at path: HostFolder, of instance: Slug, on server: String) throws
    -> String
  {
    func refusal(_ message: String, _ mend: String) -> HostingError {
      .unfit(message, for: .sharedAddons, of: instance, mend)
    }
    guard let real, let realFolder else {
      throw refusal(
        "There is no folder \(path) on \(server), where \(instance) has shared addons from.",
        "Put the modules there")
    }
    guard isFolder else {
      throw refusal("\(path) on \(server) is no folder.", "Put a folder with modules there")
    }
    // The folder itself may be a link that was laid since it was declared.
    if HostFolder.hostsOwn(realOwn, touching: realFolder) != nil {
      throw refusal(
        "\(folder) on \(server) leads to \(realFolder), which is not apart from what stays the host’s own.",
        "Make it a folder of its own")
    }
    guard HostFolder.holds(realFolder, real) else {
      throw refusal(
        "\(path) on \(server) leads to \(real), which lies outside of \(folder).",
        "Put the modules themselves into \(folder)")
    }
    if let mountPoint, mountPoint != realFolder, HostFolder.holds(realFolder, mountPoint) {
      throw refusal(
        "\(path) on \(server) lies in a file system of its own, mounted at \(mountPoint), which \(folder) has not with it.",
        "Have \(mountPoint) itself offered")
    }
    let inside = String(decoding: real.utf8.dropFirst(realFolder.utf8.count + 1), as: UTF8.self)
    guard AddonsFolders.canBeListed(inside) else {
      throw refusal(
        "\(path) on \(server) leads to \(real), a name that Odoo does not take literally.",
        "Rename that folder")
    }
    return inside
  }

  /// What whoever started the instance should know, a sentence each.
  func remarks(at path: HostFolder, on server: String) -> [String] {
    var remarks: [String] = []
    if !hasModule {
      remarks.append(
        "There is no module in \(path) on \(server): no folder directly in it has a file \(AddonsFolders.manifest)."
      )
    }
    if !isReadable {
      remarks.append("Odoo may not be let into \(path) on \(server): chmod -R o+rX \(path)")
    }
    return remarks
  }
}
