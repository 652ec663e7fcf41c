import NIOCore
import Remote

/// A program in a container is not ended when the call is cancelled, runs into its time-out or loses its
/// connection: the engine has no way to end it. What must be ended belongs into a container of its own.
extension DockerEngine {
  /// Runs a program in a running container to its end and collects what it writes.
  ///
  /// - Parameters:
  ///   - input: what it reads on its standard input.
  ///   - limit: the most bytes that stdout and stderr together may have.
  ///   - timeout: the longest time it may take; `nil` sets no bound.
  /// - Throws: `DockerError.notRunning`, `.notFound`, `.tooMuchOutput`, `.timedOut`, and others. A status other than
  ///   0 is a result, not an error.
  public func exec(
    _ reference: String, _ spec: ExecSpec, input: [UInt8]? = nil, limit: Int = 16 << 20,
    timeout: Duration? = .seconds(60)
  ) async throws -> ExecResult {
    guard let timeout else { return try await collect(reference, spec, input: input, limit: limit) }
    do {
      return try await withDeadline(timeout) {
        try await collect(reference, spec, input: input, limit: limit)
      }
    } catch is DeadlineExceeded {
      throw DockerError.timedOut(endpoint: "exec of \(spec.command.first?.description ?? "")", after: timeout)
    }
  }

  private func collect(_ reference: String, _ spec: ExecSpec, input: [UInt8]?, limit: Int) async throws
    -> ExecResult
  {
    var result = ExecResult(exitCode: 0, stdout: [], stderr: [])
    func take(_ source: LogLine.Source, _ bytes: ByteBufferView) throws {
      guard result.stdout.count + result.stderr.count + bytes.count <= limit else {
        throw DockerError.tooMuchOutput(endpoint: spec.command.first?.description ?? "exec", limit: limit)
      }
      switch source {
      case .stdout: result.stdout.append(contentsOf: bytes)
      case .stderr: result.stderr.append(contentsOf: bytes)
      }
    }
    if let input {
      result.exitCode = try await exec(reference, spec, input: [ByteBuffer(bytes: input)].asynchronous) {
        try take($0, $1.readableBytesView)
      }
      return result
    }
    let id = try await createExec(reference, spec, hasInput: false)
    for try await piece in startExec(id, decoding: { PieceDecoder(endpoint: $0) }) {
      try take(piece.source, piece.bytes.readableBytesView)
    }
    result.exitCode = try await exitCode(of: id)
    return result
  }

  /// Runs a program in a running container and gives its lines as it writes them, and then its status. Nothing is
  /// started before the first event is awaited; the program waits while its lines are not taken.
  public func execStream(_ reference: String, _ spec: ExecSpec) -> AsyncThrowingStream<ExecEvent, any Error> {
    let reader = ExecReader(engine: self, reference: reference, spec: spec)
    return AsyncThrowingStream { try await reader.next() }
  }

  /// Runs a program in a running container, writes `input` to it as fast as it reads, and hands on what it writes as
  /// fast as `output` takes it: for dumps and archives of any size.
  ///
  /// When `input` throws or the task is cancelled, the program sees its input end early and cannot tell that from a
  /// whole one: give it a form in which it can, such as a transaction or a format with an end mark.
  ///
  /// - Returns: the status it ended with. A program that fails need not have read its input to the end; of one that
  ///   ends well and has not, the engine may cut the connection, which is an error.
  /// - Throws: what `input` or `output` throw; `DockerError.notRunning`, `.notFound`, `.cutOff`, and others.
  public func exec<Input: AsyncSequence & Sendable>(
    _ reference: String, _ spec: ExecSpec, input: Input,
    output: (LogLine.Source, ByteBuffer) async throws -> Void
  ) async throws -> Int where Input.Element == ByteBuffer {
    let id = try await createExec(reference, spec, hasInput: true)
    let call = EngineCall(
      .POST, "/exec/\(id)/start", body: .json(Self.startBody), about: CallSubject(kind: .exec, name: id))
    do {
      try await connection.hijack(call, input: input, output: output)
      return try await exitCode(of: id)
    } catch DockerError.cutOff(let endpoint) {
      // An engine whose program has ended while input still comes resets the connection. Of a program that ended
      // well behind a broken connection, nobody knows whether it had all of its input.
      let code = try await exitCode(of: id)
      guard code != 0 else { throw DockerError.cutOff(endpoint: endpoint) }
      return code
    }
  }

  // MARK: Steps

  fileprivate static let startBody = JSONValue.members(["Detach": false, "Tty": false])

  fileprivate func createExec(_ reference: String, _ spec: ExecSpec, hasInput: Bool) async throws -> String {
    let name = try Reference.name(reference, of: .container)
    let call = EngineCall(
      .POST, "/containers/\(name)/exec", body: .json(try spec.json(hasInput: hasInput)),
      about: CallSubject(kind: .container, name: reference))
    let answer = try await connection.send(call, accepting: [409])
    guard answer.status != 409 else {
      throw DockerError.notRunning(container: reference, message: answer.message)
    }
    return try answer.decode(CreatedExec.self, from: call.endpoint).id
  }

  fileprivate func startExec<Decoder: ChunkDecoder>(
    _ id: String, decoding makeDecoder: @escaping @Sendable (String) -> Decoder
  ) -> AsyncThrowingStream<Decoder.Output, any Error> {
    connection.stream {
      let call = EngineCall(
        .POST, "/exec/\(id)/start", body: .json(Self.startBody), about: CallSubject(kind: .exec, name: id))
      return (call, makeDecoder(call.endpoint))
    }
  }

  /// The status that a program ended with, whose output has ended. The engine notes it a moment later.
  fileprivate func exitCode(of id: String) async throws -> Int {
    let call = EngineCall(.GET, "/exec/\(id)/json", about: CallSubject(kind: .exec, name: id))
    var pause = Duration.milliseconds(5)
    while true {
      let state: ExecState = try await connection.read(call)
      if !state.isRunning, let code = state.exitCode { return code }
      // A program may close its outputs and go on; whoever bounds its time bounds this as well.
      try await Task.sleep(for: pause)
      pause = min(pause * 2, .seconds(1))
    }
  }
}

/// The steps of a program in a container as its consumer asks for them. Used by one task at a time.
private final class ExecReader {
  private let engine: DockerEngine
  private let reference: String
  private let spec: ExecSpec
  private var id: String?
  private var lines: AsyncThrowingStream<LogLine, any Error>.AsyncIterator?
  private var isFinished = false

  init(engine: DockerEngine, reference: String, spec: ExecSpec) {
    self.engine = engine
    self.reference = reference
    self.spec = spec
  }

  func next() async throws -> ExecEvent? {
    guard !isFinished else { return nil }
    do {
      let id: String
      if let begun = self.id { id = begun } else { id = try await begin() }
      if let line = try await lines?.next() { return .line(line) }
      isFinished = true
      return .exited(try await engine.exitCode(of: id))
    } catch {
      isFinished = true
      throw error
    }
  }

  private func begin() async throws -> String {
    let id = try await engine.createExec(reference, spec, hasInput: false)
    self.id = id
    lines = engine.startExec(id) { LogDecoder(endpoint: $0) }.makeAsyncIterator()
    return id
  }
}

/// Gives the pieces of frames as they come.
struct PieceDecoder: ChunkDecoder {
  struct Piece: Sendable {
    var source: LogLine.Source
    var bytes: ByteBuffer
  }

  private let endpoint: String
  private var frames: FrameDecoder

  init(endpoint: String) {
    self.endpoint = endpoint
    frames = FrameDecoder(endpoint: endpoint)
  }

  mutating func feed(_ bytes: ByteBuffer) throws -> [Piece] {
    try frames.feed(bytes).map { Piece(source: $0.source, bytes: ByteBuffer($0.bytes)) }
  }

  func finish() throws -> [Piece] {
    guard frames.isBetweenFrames else { throw DockerError.cutOff(endpoint: endpoint) }
    return []
  }
}

private struct CreatedExec: Decodable {
  let id: String
  init(from decoder: any Decoder) throws { id = try EngineFields(decoder).value("Id") }
}

private struct ExecState: Decodable {
  let isRunning: Bool
  let exitCode: Int?
  init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    isRunning = try fields.optional("Running") ?? false
    exitCode = try fields.optional("ExitCode")
  }
}

extension [ByteBuffer] {
  /// The buffers as what is awaited.
  var asynchronous: AsyncStream<ByteBuffer> {
    AsyncStream { stream in
      for buffer in self { stream.yield(buffer) }
      stream.finish()
    }
  }
}
