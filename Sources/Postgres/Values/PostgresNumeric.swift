/// The binary form of `numeric` (`numeric_send`): digits to the base of 10,000, the weight of the first one, a
/// sign, and how many decimals to show.
enum PostgresNumeric {
  static func text(of cell: PostgresCell) throws -> String {
    var reader = try ByteReader(cell, expecting: "numeric")
    let count = Int(try reader.integer(Int16.self))
    let weight = Int(try reader.integer(Int16.self))
    let sign = try reader.integer(UInt16.self)
    let scale = Int(try reader.integer(UInt16.self))
    switch sign {
    case 0xC000: return "NaN"
    case 0xD000: return "Infinity"
    case 0xF000: return "-Infinity"
    default: break
    }
    var digits: [Int] = []
    for _ in 0..<count { digits.append(Int(try reader.integer(Int16.self))) }

    func group(_ index: Int) -> String {
      let value = String(digits.indices.contains(index) ? digits[index] : 0)
      return String(repeating: "0", count: 4 - value.count) + value
    }
    let whole = weight < 0 ? "0" : (0...weight).map(group).joined().trimmingLeadingZeros
    let decimals = scale == 0 ? "" : (0...(scale / 4)).map { group(weight + 1 + $0) }.joined().prefix(scale)
    return (sign == 0x4000 ? "-" : "") + whole + (decimals.isEmpty ? "" : "." + decimals)
  }
}

extension String {
  fileprivate var trimmingLeadingZeros: String {
    let rest = drop { $0 == "0" }
    return rest.isEmpty ? "0" : String(rest)
  }
}
