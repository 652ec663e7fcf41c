extension DockerEngine {
  /// The image, by name or id; `nil` if it is not on the host.
  public func image(_ reference: String) async throws -> Image? {
    let name = try Reference.image(reference)
    return try await connection.find(EngineCall(.GET, "/images/\(name)/json"))
  }

  /// The images that have all of `labels`; a label with a `nil` value may have any.
  public func images(labels: [String: String?] = [:]) async throws -> [ImageSummary] {
    try await connection.read(
      EngineCall(.GET, "/images/json", query: ["filters": try filters(labels: labels)]))
  }

  /// Gives the image one more name, which another image may lose by it.
  public func tag(_ reference: String, as newName: String) async throws {
    let name = try Reference.image(reference)
    let target = try ImageReference(newName)
    try await connection.send(
      EngineCall(
        .POST, "/images/\(name)/tag", query: ["repo": target.repository, "tag": target.tag],
        about: CallSubject(kind: .image, name: reference)))
  }

  /// Removes this name of the image, and the image with its last name, if there is one.
  ///
  /// - Parameter force: whether also an image that a stopped container has, or one with several names by id.
  /// - Throws: `DockerError.inUse` while a container has it, and others.
  public func removeImage(_ reference: String, force: Bool = false) async throws {
    let name = try Reference.image(reference)
    try await connection.send(
      EngineCall(
        .DELETE, "/images/\(name)", query: ["force": String(force)],
        about: CallSubject(kind: .image, name: reference), timeout: .seconds(300)), accepting: [404])
  }

  /// Makes an image of one layer out of a tar archive of its whole file system.
  ///
  /// - Parameter changes: Dockerfile instructions about the result, such as `CMD ["sh"]`.
  public func importImage(_ archive: TarArchive, as reference: String, changes: [String] = []) async throws {
    let target = try ImageReference(reference)
    let events = connection.stream {
      let call = EngineCall(
        .POST, "/images/create",
        query: [
          "fromSrc": "-", "repo": target.repository, "tag": target.tag,
          "changes": changes.isEmpty ? nil : changes.joined(separator: "\n"),
        ], body: .tar(try archive.encoded()), timeout: .seconds(600))
      return (call, JSONLines(endpoint: call.endpoint) { (line: ProgressLine) in line.error })
    }
    for try await error in events {
      throw DockerError(status: 500, message: error, endpoint: "POST /images/create", subject: nil)
    }
  }
}
