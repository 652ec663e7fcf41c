import NIOCore

/// What an image is built from and how.
public struct BuildSpec: Sendable {
  /// The files that the Dockerfile may use, itself included.
  public var context: TarArchive
  /// The path of the Dockerfile in the context.
  public var dockerfile = "Dockerfile"
  /// The name that the image gets.
  public var tag: String
  /// Labels of the image.
  public var labels: [String: String] = [:]
  /// Values of the Dockerfile's `ARG`s. They stay in the image's history: no place for secrets.
  public var buildArgs: [String: String] = [:]
  /// The network of `RUN` steps: "host", "none" or a network's name; `nil` takes the engine's default bridge.
  public var networkMode: String?
  /// Whether to look for a newer base image in its registry.
  public var pullsBase = false
  /// Whether to use nothing of earlier builds.
  public var ignoresCache = false
  /// Bounds of what each step may use: memory and CPU shares.
  public var limits = ContainerLimits()

  /// A build of `context` that is named `tag`, with everything else at its default.
  public init(context: TarArchive, tag: String) {
    self.context = context
    self.tag = tag
  }
}

/// Something that a build tells.
public enum BuildEvent: Sendable, Hashable {
  /// A piece of its log: what a step wrote, or the step's heading. Its lines end with line feeds.
  case log(String)
  /// Progress of fetching the base image.
  case pull(PullProgress)
  /// The image is there, with this id.
  case built(id: String)
}

extension DockerEngine {
  /// Builds an image with the engine's own builder. Nothing is built before the first event is awaited; the image
  /// is there when the stream has ended. Ending the stream early ends the build.
  ///
  /// - Throws: in the stream `DockerError.buildFailed` with what the failing step said, `.imageNotFound` and
  ///   `.registryUnreachable` for the base image, `.noSpace`, and others.
  public func build(_ spec: BuildSpec) -> AsyncThrowingStream<BuildEvent, any Error> {
    connection.stream(transfers: true) {
      let target = try ImageReference(spec.tag)
      let call = EngineCall(
        .POST, "/build",
        query: [
          "t": "\(target.repository):\(target.tag)", "dockerfile": spec.dockerfile,
          "labels": try JSONValue.strings(spec.labels).text(),
          "buildargs": try JSONValue.strings(spec.buildArgs).text(), "networkmode": spec.networkMode,
          "pull": spec.pullsBase ? "1" : nil, "nocache": spec.ignoresCache ? "1" : nil, "rm": "1",
          "forcerm": "1", "memory": spec.limits.memory.map(String.init),
          "memswap": spec.limits.memory.map(String.init), "cpushares": spec.limits.cpuShares.map(String.init),
          // The classic builder: it is in every engine, and needs no session beside the request.
          "version": "1",
        ], body: .tar(try spec.context.encoded()), timeout: .seconds(900))
      return (call, BuildDecoder(endpoint: call.endpoint))
    } refusal: { error in
      guard case .api(let status, let message, _) = error, status < 500 else { return error }
      // A Dockerfile that cannot be read is refused before the build begins.
      return .buildFailed(message: message)
    }
  }
}

/// Reads what a build tells; an error inside ends it.
private struct BuildDecoder: ChunkDecoder {
  private var lines: JSONLines<ProgressLine, BuildEvent>

  init(endpoint: String) {
    lines = JSONLines(endpoint: endpoint) { line in
      if let error = line.error { throw Self.failure(error) }
      if let id = line.imageID { return .built(id: id) }
      if let text = line.stream { return .log(text) }
      guard let status = line.status else { return nil }
      return .pull(PullProgress(layer: line.id, status: status, current: line.current, total: line.total))
    }
  }

  mutating func feed(_ bytes: ByteBuffer) throws -> [BuildEvent] { try lines.feed(bytes) }
  mutating func finish() throws -> [BuildEvent] { try lines.finish() }

  private static func failure(_ message: String) -> DockerError {
    // Errors about the base image are those of a pull; all others are of the step.
    let lowered = message.lowercased()
    let isAboutBase =
      ["manifest for", "manifest unknown", "pull access denied", "toomanyrequests", "/v2/", "no space left"]
      .contains { lowered.contains($0) }
    return isAboutBase
      ? DockerError(pulling: "the base image", message: message) : .buildFailed(message: message)
  }
}
