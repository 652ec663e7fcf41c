import Foundation

/// Where a backup goes to: a file of that name, or a folder in which each gets a name of its own.
public enum BackupPlace: Sendable, Equatable {
  /// That file, which must not exist.
  case file(String)
  /// That folder, made where it is missing.
  case folder(String)

  /// What a person means by `text`: a folder where there is one, or where it ends with a slash.
  public init(_ text: String) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: text, isDirectory: &isFolder)
    self = text.hasSuffix("/") || (exists && isFolder.boolValue) ? .folder(text) : .file(text)
  }

  /// The path of a backup made at `date`. Makes the folder.
  ///
  /// - Throws: `HostingError` where it cannot be made.
  func path(for installation: UUID, at date: Date) throws -> String {
    switch self {
    case .file(let path): return path
    case .folder(let folder):
      do {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      } catch {
        throw HostingError(
          .unavailable, "The folder \(folder) cannot be made: \(error.localizedDescription)",
          suggestion:
            "Make it for the user that runs odeumd, or name another place: --to, ODEUM_BACKUP_FOLDER.")
      }
      return Self.path(folder, Self.prefix(installation) + Self.timestamp(date) + ".tar")
    }
  }

  /// The backups of that installation in the folder, the oldest first: plain files with names that we give.
  func backups(of installation: UUID) throws -> [String] {
    guard case .folder(let folder) = self else { return [] }
    let prefix = Self.prefix(installation)
    return try FileManager.default.contentsOfDirectory(atPath: folder).filter { name in
      name.hasPrefix(prefix) && name.dropFirst(prefix.count).wholeMatch(of: /\d{8}T\d{9}Z\.tar/) != nil
    }.sorted().map { Self.path(folder, $0) }.filter { path in
      var status = stat()
      return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
  }

  /// Removes what killed writers of that installation left in the folder.
  func removeStaleParts(of installation: UUID) throws {
    guard case .folder(let folder) = self else { return }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder)
    where name.hasPrefix(Self.prefix(installation)) && name.hasSuffix(".tar.part") {
      PartFile.removeStale(Self.path(folder, name))
    }
  }

  /// Keeps `count` backups of that installation, `path` among them, and removes the oldest others.
  ///
  /// - Returns: what was removed.
  func prune(to count: Int, keeping path: String, of installation: UUID) throws -> [String] {
    let others = try backups(of: installation).filter { $0 != path }
    let surplus = others.dropLast(max(0, count - 1))
    for path in surplus { try FileManager.default.removeItem(atPath: path) }
    return Array(surplus)
  }

  private static func path(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// Two installations may share a folder.
  private static func prefix(_ installation: UUID) -> String {
    "odeum-\(installation.uuidString.prefix(8).lowercased())-"
  }

  /// In UTC, to the millisecond: names sort by age.
  private static func timestamp(_ date: Date) -> String {
    let text = date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true, timeZone: .gmt))
    return text.filter { $0.isNumber || $0 == "T" || $0 == "Z" }
  }
}
