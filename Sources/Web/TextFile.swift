import Hosting
import Hummingbird

extension Response {
  /// The lines of an instance's log as a file called `name`, to be saved.
  static func textFile(
    of lines: AsyncThrowingStream<InstanceLogLine, any Error>, called name: String
  ) -> Response {
    textFile(name) { write in
      for try await line in lines { try await write(line.text + "\n") }
    }
  }

  /// A file of plain text called `name`, to be saved, that `body` writes piece by piece.
  static func textFile(
    _ name: String, _ body: @escaping @Sendable ((String) async throws -> Void) async throws -> Void
  ) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "text/plain; charset=utf-8", .contentDisposition: "attachment; filename=\"\(name)\"",
      ],
      body: ResponseBody { writer in
        var pending = ByteBuffer()
        func flush() async throws {
          guard pending.readableBytes > 0 else { return }
          try await writer.write(pending)
          pending = ByteBuffer()
        }
        try await body { text in
          pending.writeString(text)
          if pending.readableBytes > 32_768 { try await flush() }
        }
        try await flush()
        try await writer.finish(nil)
      })
  }
}
