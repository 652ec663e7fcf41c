import Hosting
import Hummingbird

/// Says whether the process lives (`/healthz`) and whether it can do its work (`/readyz`). Both are open, and say no more
/// than that.
struct Health: Sendable {
  let readiness: @Sendable () async -> Readiness

  func addRoutes(to routes: Routes) {
    routes.get("/healthz", .open) { _, _ in Response.text("ok\n") }
    routes.get("/readyz", .open) { _, _ in
      let readiness = await readiness()
      return .text(
        readiness.isReady ? "ready\n" : "not ready: \(readiness.reason)\n",
        status: readiness.isReady ? .ok : .serviceUnavailable)
    }
  }
}

extension Response {
  /// An answer of plain text.
  static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "text/plain; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
