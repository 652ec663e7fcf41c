import Foundation
import Hummingbird
import NIOCore

/// The description of the API, for programs and for who writes them.
struct OpenAPIController {
  func addRoutes(to routes: Routes) {
    routes.get("/openapi.yaml", .signedIn) { _, _ in
      return Response(
        status: .ok, headers: [.contentType: "application/yaml"],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: try Self.file())))
    }
  }

  /// The file as it is.
  static func file() throws -> Data {
    guard let file = Bundle.module.url(forResource: "openapi", withExtension: "yaml") else {
      throw MissingResource(name: "openapi.yaml")
    }
    return try Data(contentsOf: file)
  }
}

/// A file that belongs beside the program is not there.
struct MissingResource: Error {
  var name: String
}
