import FoundationEssentials

extension UUID {
  /// A new number that sorts by time (RFC 9562, version 7): 48 bits of milliseconds, 12 bits of their fraction,
  /// 62 random bits.
  public static func v7(at date: Date = Date(), random: UInt64 = .random(in: 0 ... .max)) -> UUID {
    let milliseconds = max(0, date.timeIntervalSince1970 * 1_000)
    let time = UInt64(milliseconds)
    let fraction = UInt64((milliseconds - Double(time)) * 4_096) & 0xFFF
    let high = time << 16 | 0x7000 | fraction
    let low = random >> 2 | 1 << 63
    func byte(_ word: UInt64, _ place: UInt64) -> UInt8 {
      UInt8(truncatingIfNeeded: word >> (56 - 8 * place))
    }
    return UUID(
      uuid: (
        byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5),
        byte(high, 6),
        byte(high, 7), byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3), byte(low, 4), byte(low, 5),
        byte(low, 6), byte(low, 7)
      ))
  }
}
