/// What is known of one command on its way: both outputs, and whether it is to be ended.
actor SSHExchange {
  /// Why a command is ended before it ends by itself.
  enum Stop: Sendable {
    case cancelled, deadline, overLimit
  }

  private(set) var output: OutputFrame
  private(set) var errors: OutputFrame
  private(set) var stop: Stop?
  private(set) var inputIsSent = false
  /// Whether a second session is to end the command, whatever the marks say of its first process.
  private(set) var isKilled = false
  /// Whether that session said that nothing is left of the command.
  private(set) var isConfirmedGone = false

  /// Gives the process that leads the command's session on the host, once the command has begun.
  nonisolated let leaders: AsyncStream<Int>
  private let leads: AsyncStream<Int>.Continuation

  init(nonce: String, limit: Int) {
    (leaders, leads) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    output = OutputFrame(nonce: nonce, limit: limit)
    errors = OutputFrame(nonce: nonce, limit: limit)
  }

  /// Takes bytes of one output.
  ///
  /// - Returns: whether its end has come, and whether it has gone over the limit.
  func take(_ buffer: [UInt8], isError: Bool) -> (isComplete: Bool, isOverLimit: Bool) {
    defer { if let leader { leads.yield(leader) } }
    return buffer.withUnsafeBytes { bytes in
      if isError {
        errors.add(bytes)
        return (errors.status != nil, errors.isOverLimit)
      }
      output.add(bytes)
      return (output.status != nil, output.isOverLimit)
    }
  }

  func sentInput() { inputIsSent = true }

  /// Notes why the command is to end; the first reason stays.
  func note(_ reason: Stop) { stop = stop ?? reason }

  func noteKill() { isKilled = true }

  func confirmGone() { isConfirmedGone = true }

  /// The one of `leaders`, if the command has begun.
  var leader: Int? { output.leader ?? errors.leader }
}
