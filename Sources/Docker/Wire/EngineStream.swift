import NIOCore

/// Turns the bytes of an answer, in whatever pieces they come, into values.
protocol ChunkDecoder: SendableMetatype {
  associatedtype Output: Sendable
  /// Takes the next bytes and gives the values that are complete with them.
  mutating func feed(_ bytes: ByteBuffer) throws -> [Output]
  /// Takes the end of the answer and gives what was still incomplete.
  mutating func finish() throws -> [Output]
}

/// Reads one answer as its consumer asks for it: nothing is requested before the first `next()`, and the engine is
/// not read faster than the consumer takes values.
///
/// Sendable, since only the one stream that `EngineConnection.stream` returns has it, and a stream is gone through by one
/// task at a time, which asks for the next value when it has the one before.
private final class EngineReader<Decoder: ChunkDecoder>: @unchecked Sendable {
  private let connection: EngineConnection
  private let prepare: () async throws -> (EngineCall, Decoder)
  private let transfers: Bool
  private let refusal: (DockerError) -> DockerError
  private var decoder: Decoder?
  private var body: EngineBody.Iterator?
  private var ready: ArraySlice<Decoder.Output> = []
  private var isFinished = false

  init(
    _ connection: EngineConnection, transfers: Bool,
    prepare: @escaping () async throws -> (EngineCall, Decoder),
    refusal: @escaping (DockerError) -> DockerError
  ) {
    self.connection = connection
    self.transfers = transfers
    self.prepare = prepare
    self.refusal = refusal
  }

  func next() async throws -> Decoder.Output? {
    while ready.isEmpty {
      if isFinished { return nil }
      do {
        try await advance()
      } catch {
        isFinished = true
        body = nil
        throw error
      }
    }
    return ready.removeFirst()
  }

  private func advance() async throws {
    try Task.checkCancellation()
    if body == nil {
      let (call, decoder) = try await prepare()
      self.decoder = decoder
      do {
        body = try await connection.open(call, transfers: transfers).makeAsyncIterator()
      } catch let error as DockerError {
        throw refusal(error)
      }
    }
    if let chunk = try await body?.next() {
      ready = try decoder?.feed(chunk)[...] ?? []
    } else {
      // A cancelled task may see the end of the body before it sees its cancellation.
      try Task.checkCancellation()
      isFinished = true
      body = nil
      ready = try decoder?.finish()[...] ?? []
    }
  }
}

extension EngineConnection {
  /// The values of the answer to the call that `prepare` makes.
  ///
  /// - Parameters:
  ///   - transfers: see `open(_:transfers:)`.
  ///   - refusal: what the engine's refusal means for this call.
  func stream<Decoder: ChunkDecoder>(
    transfers: Bool = false, _ prepare: @escaping @Sendable () async throws -> (EngineCall, Decoder),
    refusal: @escaping @Sendable (DockerError) -> DockerError = { $0 }
  ) -> AsyncThrowingStream<Decoder.Output, any Error> {
    let reader = EngineReader(self, transfers: transfers, prepare: prepare, refusal: refusal)
    return AsyncThrowingStream { try await reader.next() }
  }
}
