import Foundation
import NIOCore
import Remote

/// Who signs in to a registry.
public struct RegistryAuth: Sendable, Hashable {
  /// The user's name.
  public var username: String
  /// The password, or a token in its place.
  public var password: Secret
  /// The registry's address, such as "ghcr.io"; `nil` for Docker Hub.
  public var server: String?

  /// A sign-in of these parts.
  public init(username: String, password: Secret, server: String? = nil) {
    self.username = username
    self.password = password
    self.server = server
  }

  /// The value of the header X-Registry-Auth: JSON in URL-safe base64. For the wire only.
  func header() throws -> String {
    let json = JSONValue.members([
      "username": .string(username), "password": .string(password.reveal()),
      "serveraddress": .string(server ?? "https://index.docker.io/v1/"),
    ])
    return Data(try json.encoded()).base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_")
  }
}

/// A step forward in pulling an image.
public struct PullProgress: Sendable, Hashable {
  /// The layer, or the tag for what concerns the whole image; `nil` for a closing remark.
  public var layer: String?
  /// What happens to it: "Downloading", "Extracting", "Pull complete", "Already exists" …
  public var status: String
  /// Bytes so far, while downloading or extracting.
  public var current: Int?
  /// Bytes in all, where the registry says.
  public var total: Int?
}

extension DockerEngine {
  /// Fetches an image from its registry, or makes sure that it is up to date. Nothing is fetched before the first
  /// progress is awaited; the image is there when the stream has ended.
  ///
  /// - Throws: in the stream `DockerError.imageNotFound`, `.registryUnreachable`, `.registryRefused`, `.noSpace`,
  ///   and others.
  public func pull(_ reference: String, auth: RegistryAuth? = nil) -> AsyncThrowingStream<
    PullProgress, any Error
  > {
    connection.stream(transfers: true) {
      let target = try ImageReference(reference)
      let call = EngineCall(
        .POST, "/images/create", query: ["fromImage": target.repository, "tag": target.tag],
        headers: try auth.map { [("X-Registry-Auth", try $0.header())] } ?? [],
        timeout: .seconds(180))
      return (call, PullDecoder(reference: reference, endpoint: call.endpoint))
    } refusal: { error in
      guard case .api(let status, let message, _) = error, status == 404 || status == 500 || status == 403
      else { return error }
      return DockerError(pulling: reference, message: message)
    }
  }
}

/// Reads the progress of a pull; an error inside ends it.
private struct PullDecoder: ChunkDecoder {
  private var lines: JSONLines<ProgressLine, PullProgress>

  init(reference: String, endpoint: String) {
    lines = JSONLines(endpoint: endpoint) { line in
      if let error = line.error { throw DockerError(pulling: reference, message: error) }
      guard let status = line.status else { return nil }
      return PullProgress(layer: line.id, status: status, current: line.current, total: line.total)
    }
  }

  mutating func feed(_ bytes: ByteBuffer) throws -> [PullProgress] { try lines.feed(bytes) }
  mutating func finish() throws -> [PullProgress] { try lines.finish() }
}

/// A line of what the engine tells about pulling, building and importing.
struct ProgressLine: Decodable {
  var status: String?
  var id: String?
  var current: Int?
  var total: Int?
  var stream: String?
  var imageID: String?
  var error: String?

  init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    status = try fields.text("status")
    id = try fields.text("id")
    let detail = try fields.object("progressDetail")
    current = try detail?.optional("current")
    total = try detail?.nonZero("total").flatMap { $0 > 0 ? $0 : nil }
    stream = try fields.optional("stream")
    imageID = try? fields.object("aux")?.text("ID")
    error = try fields.object("errorDetail")?.text("message") ?? fields.text("error")
  }
}
