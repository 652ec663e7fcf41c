import Foundation

/// A file that is open for reading at any place.
final class ReadableFile: Sendable {
  let path: String
  /// How many bytes it has.
  let length: Int
  private let file: Int32

  /// - Throws: `HostingError` for what cannot be read, or is no file.
  init(_ path: String) throws {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Self.unreadable(path, errno) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(file)
      throw HostingError(
        .invalid, "\(path) is no file.", suggestion: "Name the file of a backup, as odeumd backup printed it."
      )
    }
    self.path = path
    self.file = file
    length = Int(status.st_size)
  }

  deinit {
    close(file)
  }

  /// Reads what there is from `place` on, into the whole buffer unless the file ends before. Returns the length.
  func read(at place: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var count = 0
    while count < buffer.count, let start = buffer.baseAddress {
      let more = pread(file, start + count, buffer.count - count, place + count)
      if more < 0, errno == EINTR { continue }
      guard more >= 0 else { throw Self.unreadable(path, errno) }
      if more == 0 { break }
      count += more
    }
    return count
  }

  /// At most `count` bytes from `place` on.
  func read(at place: Int, count: Int) throws -> Data {
    var data = Data(count: count)
    let read = try data.withUnsafeMutableBytes { try self.read(at: place, into: $0) }
    return data.prefix(read)
  }

  private static func unreadable(_ path: String, _ code: Int32) -> HostingError {
    HostingError(
      code == ENOENT ? .notFound : .unavailable,
      "\(path) cannot be read: \(String(cString: strerror(code))).",
      suggestion: "Check the path and who may read it.")
  }
}
