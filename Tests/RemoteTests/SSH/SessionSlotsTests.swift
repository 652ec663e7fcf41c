import Testing

@testable import Remote

@Suite("SessionSlots", .timeLimit(.minutes(1)))
struct SessionSlotsTests {
  private var later: ContinuousClock.Instant { .now + .seconds(60) }

  @Test("slots are given in the order of asking, and one who stops waiting is passed over")
  func order() async throws {
    let slots = SessionSlots(1)
    try await slots.take(until: later)
    let (order, note) = AsyncStream.makeStream(of: Int.self)
    var waiters: [Task<Void, any Error>] = []
    for number in 0..<5 {
      let end = later
      waiters.append(
        Task {
          try await slots.take(until: end)
          note.yield(number)
          await slots.giveBack()
        })
      try await until { await slots.waitingCount == number + 1 }
    }
    waiters[1].cancel()
    await #expect(throws: CancellationError.self) { try await waiters[1].value }
    await slots.giveBack()
    for waiter in [0, 2, 3, 4] { try await waiters[waiter].value }
    note.finish()
    #expect(await order.reduce(into: []) { $0.append($1) } == [0, 2, 3, 4])
    // All are free again.
    try await slots.take(until: .now)
  }

  @Test("who waits too long is told, and takes nothing")
  func deadline() async throws {
    let slots = SessionSlots(1)
    try await slots.take(until: later)
    await #expect(throws: DeadlineExceeded.self) { try await slots.take(until: .now + .milliseconds(20)) }
    await slots.giveBack()
    try await slots.take(until: .now)
  }
}

@Suite("OutputFrame")
struct OutputFrameTests {
  private func frame(_ parts: [[UInt8]], limit: Int = 1000) -> OutputFrame {
    var frame = OutputFrame(nonce: "N0", limit: limit)
    for part in parts { part.withUnsafeBytes { frame.add($0) } }
    return frame
  }

  @Test("noise, output and marks are told apart wherever the bytes are cut")
  func cuts() {
    let whole = Array("motd N0 begi\nN0 begin 42\nN0 en N0 \nout\0N0 end 137\nlate".utf8)
    for cut in 0...whole.count {
      for size in [1, 7, whole.count] {
        var parts = [Array(whole[..<cut])]
        parts += stride(from: cut, to: whole.count, by: size).map {
          Array(whole[$0..<min($0 + size, whole.count)])
        }
        let frame = frame(parts)
        #expect(String(decoding: frame.before, as: UTF8.self) == "motd N0 begi\n")
        #expect(frame.leader == 42)
        #expect(frame.status == 137)
        #expect(String(decoding: frame.bytes, as: UTF8.self) == "N0 en N0 \nout\0")
      }
    }
  }

  @Test("the limit counts the output alone, and the end is seen beyond it")
  func limit() {
    let output = [UInt8](repeating: 7, count: 50)
    let parts = Array("N0 begin 1\n".utf8) + output + Array("N0 end 0\n".utf8)
    #expect(!frame(parts.map { [$0] }, limit: 50).isOverLimit)
    let over = frame(parts.map { [$0] }, limit: 49)
    #expect(over.isOverLimit)
    #expect(over.status == 0)
  }
}
