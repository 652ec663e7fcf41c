import NIOCore
import NIOHTTP1

/// The way on which requests reach an engine and its answers come back: a socket, or an engine that is simulated.
package protocol EngineTransport: Sendable {
  /// Where the engine is, for messages: the path of its socket.
  var place: String { get }

  /// Sends a request, and gives the answer when its head is there.
  ///
  /// - Throws: `DockerError` if there is no answer; `CancellationError`.
  func send(_ request: EngineRequest) async throws -> EngineResponse

  /// Sends a request to switch protocols; then carries `input` to the engine, and what comes back to `output`, until
  /// the engine ends the connection.
  ///
  /// - Throws: what `input` or `output` throw; `EngineRefusal` if the engine does not switch; `DockerError`;
  ///   `CancellationError`.
  func converse<Input: AsyncSequence & Sendable>(
    _ request: EngineRequest, input: Input, output: (ByteBuffer) async throws -> Void
  ) async throws where Input.Element == ByteBuffer
}

/// One request on the wire.
package struct EngineRequest: Sendable {
  /// The method.
  package var method: HTTPMethod
  /// The path with the version of the API, and the query.
  package var target: String
  /// Header fields, the content's type among them.
  package var headers: [(String, String)]
  /// The content.
  package var body: ByteBuffer?
  /// "POST /containers/create", for messages.
  package var endpoint: String
  /// The longest time until the head of the answer is there; nil where whoever asks looks after that.
  package var patience: Duration?
  /// Whether long silence in the answer ends it.
  package var transfers: Bool
}

/// The beginning of an answer, and its content as it comes.
package struct EngineResponse: Sendable {
  /// The HTTP status.
  package var status: Int
  /// The content.
  package var body: EngineBody

  /// An answer of these parts.
  package init(status: Int, body: EngineBody) {
    self.status = status
    self.body = body
  }
}

/// The content of an answer in the pieces in which it comes. Letting go of it ends the connection.
package struct EngineBody: AsyncSequence, Sendable {
  private let begin: @Sendable () -> Iterator

  /// The content that `chunks` gives.
  ///
  /// - Parameter explained: what an error of `chunks` means to those who use the engine.
  package init<Chunks: AsyncSequence & Sendable>(
    _ chunks: Chunks, explained: @escaping @Sendable (any Error) -> any Error = { $0 }
  ) where Chunks.Element == ByteBuffer {
    begin = {
      var iterator = chunks.makeAsyncIterator()
      return Iterator {
        do {
          return try await iterator.next()
        } catch {
          throw explained(error)
        }
      }
    }
  }

  /// Gives the pieces to one task.
  package struct Iterator: AsyncIteratorProtocol {
    fileprivate let pull: () async throws -> ByteBuffer?

    /// The next piece; nil behind the last.
    package mutating func next() async throws -> ByteBuffer? { try await pull() }
  }

  /// Begins to read.
  package func makeAsyncIterator() -> Iterator { begin() }

  /// The whole content.
  ///
  /// - Throws: `NIOTooManyBytesError` if it has more than `limit` bytes; `CancellationError`.
  func collect(upTo limit: Int) async throws -> ByteBuffer {
    var whole = ByteBuffer()
    for try await chunk in self {
      guard whole.readableBytes + chunk.readableBytes <= limit else {
        throw NIOTooManyBytesError(maxBytes: limit)
      }
      whole.writeImmutableBuffer(chunk)
    }
    // A cancelled task may see the end of the content before it sees its cancellation.
    try Task.checkCancellation()
    return whole
  }
}

/// The engine did not switch protocols; this is what it said.
package struct EngineRefusal: Error {
  /// The HTTP status.
  var status: Int
  /// What it said.
  var body: ByteBuffer

  /// A refusal with this answer.
  package init(status: Int, body: ByteBuffer) {
    self.status = status
    self.body = body
  }
}
