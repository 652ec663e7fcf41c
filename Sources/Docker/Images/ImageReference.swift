/// The parts of an image's name, as a pull needs them.
struct ImageReference: Sendable, Hashable {
  /// The repository, with its registry if one is named: "odoo", "ghcr.io/example/odoo".
  var repository: String
  /// The tag, or the digest such as "sha256:…"; "latest" if neither is named, since a pull without would fetch all
  /// tags.
  var tag: String

  init(_ reference: String) throws(DockerError) {
    let reference = try Reference.image(reference)
    if let at = reference.firstIndex(of: "@") {
      var name = reference[..<at]
      // With a digest a tag has no meaning.
      if let colon = Self.tagColon(in: name) { name = name[..<colon] }
      repository = String(name)
      tag = String(reference[reference.index(after: at)...])
    } else if let colon = Self.tagColon(in: reference[...]) {
      repository = String(reference[..<colon])
      tag = String(reference[reference.index(after: colon)...])
    } else {
      repository = reference
      tag = "latest"
    }
    guard !repository.isEmpty, !tag.isEmpty else {
      throw .invalid(what: .image, name: reference, reason: "its name or its tag is empty")
    }
  }

  /// The colon before a tag: behind the last slash, since a registry may have a port.
  private static func tagColon(in name: Substring) -> Substring.Index? {
    guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return nil }
    return colon
  }
}
