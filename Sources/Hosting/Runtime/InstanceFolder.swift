import Foundation
import Remote

/// The folder of one instance on its server, for what is neither in a container nor in a volume.
///
/// A file in it says whose it is, as labels do elsewhere: a folder without it is not ours and is never touched.
struct InstanceFolder: Sendable {
  let host: any Remote.Host
  let server: String
  /// The folder that holds those of all instances.
  let parent: String
  let installation: UUID
  let instance: UUID

  var path: String { "\(parent)/\(instance.uuidString.lowercased())" }
  /// What containers see of it: custom modules.
  var modules: String { "\(path)/modules" }

  private var marker: String { "\(path)/.odeum" }
  private var mark: String {
    "\(Label.installation)=\(installation.uuidString)\n\(Label.instance)=\(instance.uuidString)\n"
  }

  /// Makes the folder unless it is there. It comes into being with its mark in it.
  ///
  /// - Throws: `HostingError` with code `conflict` where there is something else in its place.
  func ensure() async throws {
    if try await isThere() { return }
    try await host.output(of: making(), deadline: .seconds(60))
    guard try await isThere() else { throw foreign }
  }

  /// Whether the folder is there.
  ///
  /// - Throws: `HostingError` with code `conflict` where what is there is not ours.
  func isThere() async throws -> Bool {
    if let text = try await host.read(marker, limit: 4096) {
      guard text == Array(mark.utf8) else { throw foreign }
      return true
    }
    guard try await !host.run(Command("test", "-e", Word(path)), deadline: .seconds(30)).exitStatus.isSuccess
    else { throw foreign }
    return false
  }

  /// Removes the folder with everything in it.
  func remove() async throws {
    try await host.output(of: Command("rm", "-rf").operands("\(path).new"), deadline: .seconds(60))
    guard try await isThere() else { return }
    // The mark goes last, so that a removal that was cut off is still known as ours.
    try await host.output(of: Self.emptying(path), deadline: .seconds(600))
    try await host.output(of: Command("rm", "-rf").operands(Word(path)), deadline: .seconds(60))
  }

  /// Only the user that Odeum runs as enters the folders; what containers mount is open from there on.
  func making() -> Command {
    Command("sh", "-c", Word(Self.makingScript), "sh", Word(parent), Word(path), Word(mark))
  }

  static let makingScript = """
    set -eu
    umask 077
    mkdir -p -- "$1"
    rm -rf -- "$2.new"
    mkdir -- "$2.new"
    printf %s "$3" > "$2.new/.odeum"
    mkdir -m 0755 -- "$2.new/modules"
    mv -T -- "$2.new" "$2"
    """

  /// Removes everything but the mark from the folder at `path`.
  static func emptying(_ path: String) -> Command {
    Command(
      "find", Word(path), "-mindepth", "1", "-maxdepth", "1", "!", "-name", ".odeum", "-exec", "rm", "-rf",
      "--",
      "{}", "+")
  }

  private var foreign: HostingError {
    HostingError(
      .conflict, "\(path) on \(server) does not belong to this instance.",
      suggestion: "Move it away, then try again; Odeum does not touch it.")
  }
}
