import Foundation

extension DockerEngine {
  /// What the container wrote, line by line, oldest first.
  ///
  /// Nothing is asked before the first line is awaited, and lines are read as fast as they are taken. The stream
  /// ends behind the last line, or, with `follow`, when the container ends.
  ///
  /// - Parameters:
  ///   - follow: whether to wait for what it has yet to write.
  ///   - tail: how many of the last lines to begin with; `nil` gives all that are kept.
  ///   - since: a moment before which lines are left out.
  ///   - timestamps: whether lines have the time at which the engine received them.
  public func logs(
    _ reference: String, follow: Bool = false, tail: Int? = nil, since: Date? = nil, timestamps: Bool = false
  ) -> AsyncThrowingStream<LogLine, any Error> {
    connection.stream {
      let name = try Reference.name(reference, of: .container)
      guard let container = try await container(name) else {
        throw DockerError.notFound(what: .container, name: reference)
      }
      let call = EngineCall(
        .GET, "/containers/\(container.id)/logs",
        query: [
          "stdout": "true", "stderr": "true", "follow": String(follow), "timestamps": String(timestamps),
          "tail": tail.map(String.init) ?? "all", "since": since.map(EngineDate.query),
        ], about: CallSubject(kind: .container, name: reference))
      return (
        call, LogDecoder(endpoint: call.endpoint, isRaw: container.hasTerminal, timestamps: timestamps)
      )
    }
  }
}
