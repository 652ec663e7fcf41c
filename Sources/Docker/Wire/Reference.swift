/// Checks of what names things in the engine. The engine decodes a path before it routes it, so encoding alone
/// does not keep `..` or `/` in a name from reaching another endpoint: what cannot be a name is refused here.
enum Reference {
  /// A container, network, volume or exec by id or name: `[a-zA-Z0-9][a-zA-Z0-9_.-]*`, the engine's own rule for
  /// names.
  static func name(_ reference: String, of kind: DockerError.Kind) throws(DockerError) -> String {
    guard let first = reference.utf8.first, isAlphanumeric(first), reference.utf8.count <= 255,
      reference.utf8.allSatisfy({ isAlphanumeric($0) || "_.-".utf8.contains($0) })
    else {
      throw .invalid(what: kind, name: reference, reason: "a name has letters, digits, “_”, “.” and “-” only")
    }
    return reference
  }

  /// An image by id, name, tag or digest.
  static func image(_ reference: String) throws(DockerError) -> String {
    let parts = reference.split(separator: "/", omittingEmptySubsequences: false)
    guard !reference.isEmpty, reference.utf8.count <= 512,
      reference.utf8.allSatisfy({ isAlphanumeric($0) || "_.-:@/".utf8.contains($0) }),
      parts.allSatisfy({ part in part.utf8.first.map(isAlphanumeric) ?? false })
    else {
      throw .invalid(
        what: .image, name: reference, reason: "it is not of the form registry/name:tag or name@digest")
    }
    return reference
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
