extension Host {
  /// Writes a file so that a reader sees the old content or the new one, never a part: into a new file beside it,
  /// which then takes its name.
  ///
  /// - Parameters:
  ///   - mode: the file's permissions, whoever had the path before; by default its owner's only.
  /// - Throws: `HostError.failed` if the folder does not exist or may not be written; `CancellationError`.
  public func write(_ bytes: [UInt8], to path: String, mode: FileMode = .ownerOnly) async throws {
    try await output(of: HostFile.writing(bytes, to: path, mode: mode), deadline: .seconds(120))
  }

  /// The content of a file, or `nil` if there is no such file.
  ///
  /// - Throws: `HostError.tooMuchOutput` if it is longer than `limit` bytes; `HostError.failed` if it may not be
  ///   read or is a folder; `CancellationError`.
  public func read(_ path: String, limit: Int = 16 << 20) async throws -> [UInt8]? {
    let command = HostFile.reading(path)
    let result = try await run(command, deadline: .seconds(120), outputLimit: limit)
    if result.exitStatus.isSuccess { return result.stdout }
    if result.repairedErrorText.hasSuffix(": No such file or directory\n") { return nil }
    throw HostError.failed(
      command: command.description, host: name, status: result.exitStatus,
      lastWords: HostError.lastWords(of: result))
  }
}

/// A file's permissions, as `chmod` takes them in octal.
public struct FileMode: Sendable, Hashable {
  /// The twelve permission bits.
  public let bits: UInt16

  /// Permissions of these bits, such as 0o640; bits above the twelve are dropped.
  public init(_ bits: UInt16) {
    self.bits = bits & 0o7777
  }

  /// 0600: read and written by its owner only.
  public static let ownerOnly = FileMode(0o600)
  /// 0644: written by its owner, read by all.
  public static let readable = FileMode(0o644)
}

/// The commands that read and write files.
enum HostFile {
  static func writing(_ bytes: [UInt8], to path: String, mode: FileMode) -> Command {
    // The content may be secret: the new file is its owner's only until it is complete. It is on the disk before
    // it takes the name, since a power cut could otherwise leave the name with an empty file. Its length is looked
    // at, since the end of whoever writes the input looks like the input's end.
    let script = """
      set -eu
      umask 077
      part=$(mktemp -- "$1.part.XXXXXXXX")
      trap 'rm -f -- "$part"' EXIT
      cat > "$part"
      if [ "$(stat -c %s -- "$part")" -ne "$3" ]; then echo "the content was cut off" >&2; exit 1; fi
      chmod -- "$2" "$part"
      sync -- "$part"
      mv -fT -- "$part" "$1"
      """
    return Command(
      "sh", "-c", Word(script), "sh", Word(path), Word(String(mode.bits, radix: 8)), "\(bytes.count)",
      input: bytes)
  }

  /// In the C locale, so that the message for a file that is not there is known.
  static func reading(_ path: String) -> Command {
    Command("cat", environment: ["LC_ALL": "C"]).operands(Word(path))
  }
}
