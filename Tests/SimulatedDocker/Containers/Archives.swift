import Docker
import NIOCore

extension EngineState {
  /// Folders that every container has.
  private static var folders: Set<String> { ["/", "/bin", "/etc", "/tmp", "/etc/odoo", "/var/lib/odoo"] }

  mutating func putArchive(_ reference: String, _ call: Call) throws {
    let container = try container(reference)
    let folder = call.query["path"] ?? "/"
    let mounted = Set(container.mounts.map(\.target))
    guard
      Self.folders.contains(folder) || mounted.contains(folder) || container.files[folder]?.isFolder == true
    else { throw Refusal(404, "Could not find the file \(folder) in container \(reference)") }
    if isFull { throw Refusal(500, "write \(folder): no space left on device") }
    let archive = try TarArchive(reading: call.body ?? ByteBuffer())
    for file in archive.entries {
      var isFolder = false
      if case .folder = file.content { isFolder = true }
      let path = (folder == "/" ? "" : folder) + "/" + file.name
      keep(
        .init(bytes: file.bytes ?? [], mode: file.mode, uid: file.uid, gid: file.gid, isFolder: isFolder),
        at: path, of: container.id)
    }
  }

  /// What is on a volume is the volume's, and what is not is the container's.
  private mutating func keep(_ entry: SimulatedContainer.Entry, at path: String, of id: String) {
    guard let mount = containers[id]?.mounts.first(where: { path.hasPrefix($0.target + "/") }),
      let name = mount.name
    else {
      containers[id]?.files[path] = entry
      return
    }
    volumes[name]?.files[String(path.dropFirst(mount.target.count))] = entry
  }

  func archive(_ reference: String, _ call: Call) throws -> ByteBuffer {
    let container = try container(reference)
    let path = call.query["path"] ?? "/"
    var entries = container.files
    for mount in container.mounts {
      guard let name = mount.name else { continue }
      for (inside, entry) in volumes[name]?.files ?? [:] { entries[mount.target + inside] = entry }
    }
    let parent = path.split(separator: "/").dropLast().joined(separator: "/")
    let found = entries.filter { $0.key == path || $0.key.hasPrefix(path + "/") }.sorted { $0.key < $1.key }
    guard !found.isEmpty else {
      throw Refusal(404, "Could not find the file \(path) in container \(reference)")
    }
    return try TarArchive(
      found.map { path, entry in
        ArchiveFile(
          name: String(path.dropFirst(parent.isEmpty ? 1 : parent.utf8.count + 2)),
          content: entry.isFolder ? .folder : .file(entry.bytes), mode: entry.mode, uid: entry.uid,
          gid: entry.gid)
      }
    ).encoded()
  }
}
