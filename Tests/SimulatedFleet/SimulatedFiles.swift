/// The files of a simulated machine, by their absolute paths.
struct SimulatedFiles: Sendable {
  private enum Node: Sendable {
    case file([UInt8])
    case folder
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

  private static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }
}
