import FoundationEssentials

/// How values become `jsonb` and come back: dates as ISO 8601 in UTC with milliseconds.
package enum PostgresJSON {
  package static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }
    return try encoder.encode(value)
  }

  static func decode<Value: Decodable>(_: Value.Type, from cell: PostgresCell) throws -> Value {
    let bytes = try cell.bytes(of: .jsonb, .json)
    let text =
      cell.type == PostgresType.jsonb.oid ? UnsafeRawBufferPointer(rebasing: bytes.dropFirst()) : bytes
    return try decode(Value.self, from: Data(text))
  }

  package static func decode<Value: Decodable>(_: Value.Type, from text: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .custom { decoder in
      let container = try decoder.singleValueContainer()
      let text = try container.decode(String.self)
      let styles = [true, false].map { Date.ISO8601FormatStyle(includingFractionalSeconds: $0) }
      for style in styles {
        if let date = try? style.parse(text) { return date }
      }
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no ISO 8601 date")
    }
    return try decoder.decode(Value.self, from: text)
  }
}
