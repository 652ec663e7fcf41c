import Odoo

/// A folder of a server that people name, by its absolute path: letters, digits and `. _ - + @` between single slashes, so
/// that it means the same to a shell, to Docker and in a file of Odoo's.
public struct HostFolder: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The longest path in bytes.
  public static let maximumLength = 255

  /// The path, without a slash at its end.
  public let text: String

  /// Checks a path by its looks; what is there is not looked at.
  ///
  /// - Throws: `InputProblem` on `field`.
  public init(_ text: String, field: String) throws(InputProblem) {
    if let fault = Self.fault(in: text) {
      throw InputProblem(
        field: field, message: "The folder “\(text)” \(fault).",
        suggestion: "Give the absolute path of a folder on the server, such as /srv/odoo/shared.")
    }
    self.text = text
  }

  /// A path that was checked when it was saved.
  init(text: String) { self.text = text }

  /// The path itself.
  public var description: String { text }

  /// In the order of their paths.
  public static func < (one: HostFolder, other: HostFolder) -> Bool { one.text < other.text }

  private static func fault(in text: String) -> String? {
    if text.isEmpty { return "has no name" }
    if !text.hasPrefix("/") { return "is not absolute" }
    if text.utf8.count > maximumLength { return "is longer than \(maximumLength) bytes" }
    if text == "/" { return "is the whole machine" }
    if text.wholeMatch(of: #/[A-Za-z0-9.\/_+@\-]+/#) == nil {
      return "has a character that is neither a letter, a digit nor one of . _ - + @"
    }
    let parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    if parts.contains("") { return "has two slashes side by side, or one at its end" }
    if parts.contains(where: { $0 == "." || $0 == ".." }) { return "has . or .. in it" }
    return nil
  }

  /// Whether the absolute path `path` is this folder or lies in it. Both are compared byte by byte, as a kernel does.
  func holds(_ path: String) -> Bool { Self.holds(text, path) }

  /// Whether one of the two is the other one, or lies in it.
  func touches(_ other: HostFolder) -> Bool { holds(other.text) || other.holds(text) }

  static func holds(_ folder: String, _ path: String) -> Bool {
    path.utf8.elementsEqual(folder.utf8) || path.utf8.starts(with: (folder + "/").utf8)
  }
}

extension HostFolder: Codable {
  /// Reads a plain string that was checked when it was saved.
  public init(from decoder: any Decoder) throws {
    self.init(text: try decoder.singleValueContainer().decode(String.self))
  }

  /// Writes a plain string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

// MARK: - What stays the host's own

extension HostFolder {
  /// What an instance sees of these would give the host away, or what other instances have on it.
  private static let hostsOwn = [
    "/etc", "/root", "/proc", "/sys", "/dev", "/run", "/var/run", "/boot", "/usr", "/bin", "/sbin", "/lib",
    "/lib32", "/lib64", "/libx32", "/var/lib/docker", "/var/lib/containerd", "/var/lib/odeum",
  ]

  /// The folders that stay the host's own where instances have theirs in `instances`.
  static func hostsOwn(beside instances: String) -> [String] { hostsOwn + [instances] }

  /// Which of the folders `own` is `path`, lies in it, or has it in it; and `/home`, where `path` is that as a whole. nil
  /// where it keeps away from all of them.
  static func hostsOwn(_ own: [String], touching path: String) -> String? {
    if path == "/" || path == "/home" { return path }
    return own.first { holds($0, path) || holds(path, $0) }
  }
}

extension Faults {
  /// The most folders that one server offers.
  private static let maximumFolders = 20

  /// The folders that a server offers to its instances, sorted, each once; nil with everything that is wrong with them noted.
  ///
  /// - Parameter instances: the folder that holds those of instances.
  mutating func folders(_ texts: [String], for use: FolderUse, beside instances: String)
    -> [HostFolder]?
  {
    let field = use.field
    let before = fields.count
    if texts.count > Self.maximumFolders {
      add(field, "\(texts.count) folders are more than \(Self.maximumFolders).")
    }
    var folders: Set<HostFolder> = []
    for text in texts.prefix(Self.maximumFolders) {
      guard let folder = collect({ try HostFolder(text, field: field) }) else { continue }
      if let own = HostFolder.hostsOwn(HostFolder.hostsOwn(beside: instances), touching: folder.text) {
        add(
          field,
          own == folder.text
            ? "\(own) stays the host’s own."
            : "“\(folder)” is not apart from \(own), which stays the host’s own.",
          suggestion: "Make a folder for that, such as \(use.example).")
      } else {
        folders.insert(folder)
      }
    }
    return fields.count == before ? folders.sorted() : nil
  }

  /// The folders that a server offers, with what is wrong noted.
  ///
  /// - Parameters:
  ///   - shared: those for shared addons; nil where they stay as they are.
  ///   - filestores: those for files of instances; nil where they stay as they are.
  ///   - server: the server as it is; nil for one that is added.
  ///   - instances: see `HostingConfiguration.instancesFolder`.
  mutating func folders(
    shared: [String]?, filestores: [String]?, of server: Server? = nil, beside instances: String
  ) -> (shared: [HostFolder], filestores: [HostFolder]) {
    let shared =
      shared.flatMap { folders($0, for: .sharedAddons, beside: instances) } ?? server?.sharedFolders ?? []
    let filestores =
      filestores.flatMap { folders($0, for: .filestores, beside: instances) } ?? server?.filestoreFolders
      ?? []
    refuseOverlap(of: filestores, with: shared)
    return (shared, filestores)
  }

  /// Notes where files of instances would lie in one another's way, or where every instance may read.
  mutating func refuseOverlap(of filestores: [HostFolder], with shared: [HostFolder]) {
    let field = FolderUse.filestores.field
    for (index, folder) in filestores.enumerated() {
      if let other = filestores[..<index].first(where: { $0.touches(folder) }) {
        add(field, "“\(folder)” is not apart from “\(other)”.", suggestion: "Offer one of them.")
      }
      if let other = shared.first(where: { $0.touches(folder) }) {
        add(
          field, "“\(folder)” is not apart from “\(other)”, which every instance on the server may read.",
          suggestion: "Offer a folder for files that is apart from those for shared addons.")
      }
    }
  }
}
