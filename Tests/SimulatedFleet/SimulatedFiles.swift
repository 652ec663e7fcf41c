/// The files of a simulated machine, by their absolute paths.
struct SimulatedFiles: Sendable {
  private enum Node: Sendable {
    case file([UInt8])
    case folder
    /// A symbolic link to an absolute path.
    case link(String)
  }

  private var nodes: [String: Node] = ["/": .folder]

  func isThere(_ path: String) -> Bool { nodes[path] != nil }

  func read(_ path: String) -> [UInt8]? {
    guard case .file(let bytes)? = nodes[path] else { return nil }
    return bytes
  }

  /// Writes a file, and makes the folders that it is in.
  mutating func write(_ bytes: [UInt8], to path: String) {
    makeFolder(Self.parent(path))
    nodes[path] = .file(bytes)
  }

  mutating func makeFolder(_ path: String) {
    var path = path
    while nodes[path] == nil {
      nodes[path] = .folder
      path = Self.parent(path)
    }
  }

  mutating func remove(_ path: String) {
    nodes[path] = nil
    for inside in nodes.keys where inside.hasPrefix(path + "/") { nodes[inside] = nil }
  }

  mutating func move(_ path: String, to new: String) {
    for old in nodes.keys where old == path || old.hasPrefix(path + "/") {
      nodes[new + old.dropFirst(path.count)] = nodes.removeValue(forKey: old)
    }
  }

  /// The paths directly in a folder, in order.
  func list(_ folder: String) -> [String] {
    nodes.keys.filter { $0 != "/" && Self.parent($0) == folder }.sorted()
  }

  mutating func link(_ path: String, to target: String) {
    makeFolder(Self.parent(path))
    nodes[path] = .link(target)
  }

  /// Where a path leads to once every link in it is followed; nil where it leads to nothing.
  func realPath(_ path: String) -> String? {
    var real = ""
    var left = path.split(separator: "/").map(String.init)
    // As many links as Linux follows.
    var links = 40
    while !left.isEmpty {
      real += "/" + left.removeFirst()
      switch nodes[real] {
      case nil: return nil
      case .link(let target):
        guard links > 0 else { return nil }
        links -= 1
        left = target.split(separator: "/").map(String.init) + left
        real = ""
      case .file, .folder: break
      }
    }
    return real.isEmpty ? "/" : real
  }

  func isFolder(_ path: String) -> Bool {
    guard case .folder? = nodes[path] else { return false }
    return true
  }

  private static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }
}
