import Foundation

/// Moments as the engine writes them: RFC 3339 with up to nine digits of a second's fraction.
enum EngineDate {
  /// The moment that `text` names; `nil` if it is malformed, or the year 1, by which the engine says "never".
  static func parse(_ text: some StringProtocol) -> Date? {
    parse(Array(text.utf8)[...])
  }

  /// The moment that `text` names: see above.
  static func parse(_ text: ArraySlice<UInt8>) -> Date? {
    var reader = DigitReader(rest: text)
    guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2),
      reader.skip("-"), let day = reader.number(digits: 2), reader.skip("T") || reader.skip("t"),
      let hour = reader.number(digits: 2), reader.skip(":"), let minute = reader.number(digits: 2),
      reader.skip(":"), let second = reader.number(digits: 2),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
    else { return nil }
    var fraction = 0.0
    if reader.skip(".") {
      guard let parsed = reader.fraction() else { return nil }
      fraction = parsed
    }
    guard let offset = reader.offset(), reader.rest.isEmpty, year > 1 else { return nil }
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second
    return Date(timeIntervalSince1970: Double(seconds) + fraction)
  }

  /// A moment as the engine takes it in queries: seconds since 1970 with nine digits of a fraction, of which a
  /// `Date` can tell six.
  static func query(_ date: Date) -> String {
    let microseconds = Int((date.timeIntervalSince1970 * 1e6).rounded())
    let fraction = String(microseconds % 1_000_000)
    return "\(microseconds / 1_000_000)." + String(repeating: "0", count: max(0, 6 - fraction.count))
      + fraction
      + "000"
  }

  /// Days from 1970-01-01 in the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date
  /// Algorithms", days_from_civil).
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

private struct DigitReader {
  var rest: ArraySlice<UInt8>

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  mutating func number(digits: Int) -> Int? {
    guard rest.count >= digits else { return nil }
    var number = 0
    for byte in rest.prefix(digits) {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      number = number * 10 + Int(byte - 0x30)
    }
    rest.removeFirst(digits)
    return number
  }

  mutating func fraction() -> Double? {
    var scale = 0.1
    var fraction = 0.0
    var count = 0
    while let byte = rest.first, byte >= 0x30, byte <= 0x39 {
      fraction += Double(byte - 0x30) * scale
      scale /= 10
      count += 1
      rest.removeFirst()
    }
    return count > 0 ? fraction : nil
  }

  /// Minutes east of Greenwich.
  mutating func offset() -> Int? {
    if skip("Z") || skip("z") { return 0 }
    let east = skip("+")
    guard east || skip("-"), let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2) else {
      return nil
    }
    return (hours * 60 + minutes) * (east ? 1 : -1)
  }
}
