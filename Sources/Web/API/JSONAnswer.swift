import Client
import Hummingbird
import NIOCore

extension Response {
  /// An answer of `value` in JSON.
  static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    Response(
      status: status, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try API.encoder().encode(value))))
  }
}
