import VirtualTime

/// A sum over everything that happens, in its order: two runs with the same sum went the same way.
final class Trace: @unchecked Sendable {
  // One thread.
  private(set) var sum: UInt64 = 0xcbf2_9ce4_8422_2325
  private(set) var count = 0
  var isPrinted = false

  func note(_ text: String) {
    count += 1
    if isPrinted { print("  [\(virtual_time_now() / 1_000_000)] \(text)") }
    mix(UInt64(bitPattern: virtual_time_now()))
    for byte in text.utf8 { mix(UInt64(byte)) }
    StepRecord.wanted?.note(text)
  }

  /// The sum over all, with how many steps and how much chance that took.
  func end() -> UInt64 {
    mix(UInt64(VirtualExecutor.shared.steps))
    mix(virtual_chance())
    return sum
  }

  /// FNV-1a.
  private func mix(_ word: UInt64) {
    sum = (sum ^ word) &* 0x100_0000_01b3
  }
}
