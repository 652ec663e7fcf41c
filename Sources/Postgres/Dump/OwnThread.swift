/// Runs work that blocks, such as feeding another program, on a thread of its own, so that it holds up no thread
/// of the cooperative pool. The name is seen in `top -H`, at most 15 bytes.
public func onOwnThread<Value: Sendable>(
  _ name: String, _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    do {
      try startThread(name: name) { continuation.resume(with: Result(catching: work)) }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}
