import Client
import Foundation
import Hummingbird
import Logging

/// `bare-route PORT FILE`: one route that encodes the page of instances in FILE at each request, and does nothing else.
/// What the control plane adds to this, finding out who asks, what he may see, and the rows in the database, is what
/// the measurement weighs.
@main
struct BareRoute {
  static func main() async throws {
    let words = CommandLine.arguments
    guard words.count == 3, let port = Int(words[1]) else { throw WrongUse() }
    let bytes = try Data(contentsOf: URL(filePath: words[2]))
    let page = try API.decoder().decode(API.Page<API.InstanceSummary>.self, from: bytes)
    let router = Router()
    router.get("/") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "application/json"],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: try API.encoder().encode(page))))
    }
    var logger = Logger(label: "bare-route")
    logger.logLevel = .error
    let application = Application(
      router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
      logger: logger)
    try await application.runService()
  }
}

/// The command line was not understood.
struct WrongUse: Error, CustomStringConvertible {
  let description = "bare-route PORT FILE: FILE is a page of instances as the API sends it"
}
