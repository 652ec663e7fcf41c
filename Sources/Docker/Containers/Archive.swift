extension DockerEngine {
  /// Writes files into a container, which may run or not, below a folder that exists there.
  ///
  /// Owners and permissions are those of the files given; what exists is replaced. What is on a volume of the
  /// container is written there.
  ///
  /// - Throws: `DockerError.notFound` if there is no such container or folder, and others.
  public func putFiles(_ reference: String, at folder: String, _ files: [ArchiveFile]) async throws {
    let name = try Reference.name(reference, of: .container)
    let call = EngineCall(
      .PUT, "/containers/\(name)/archive", query: ["path": folder, "noOverwriteDirNonDir": "1"],
      body: .tar(try TarArchive(files).encoded()),
      about: CallSubject(kind: .path, name: "\(reference):\(folder)"),
      timeout: .seconds(600))
    try await connection.send(call)
  }

  /// Reads a file, or a folder with all that is in it, from a container, which may run or not. The names in the
  /// archive begin with the last part of `path`.
  ///
  /// - Parameter limit: the most bytes that the archive may have.
  /// - Returns: the archive; `nil` if there is no such container or path.
  /// - Throws: `DockerError.tooMuchOutput`, and others.
  public func getArchive(_ reference: String, _ path: String, limit: Int = 64 << 20) async throws
    -> TarArchive?
  {
    let name = try Reference.name(reference, of: .container)
    let call = EngineCall(
      .GET, "/containers/\(name)/archive", query: ["path": path],
      about: CallSubject(kind: .path, name: "\(reference):\(path)"), timeout: .seconds(600))
    let answer = try await connection.send(call, accepting: [404], limit: limit)
    return answer.status == 404 ? nil : try TarArchive(reading: answer.body)
  }
}
