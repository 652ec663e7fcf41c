import Crypto
import Foundation

/// What a backup of the control plane says of itself.
public struct BackupManifest: Sendable, Codable, Equatable {
  /// One change of the schema that the backed up database had.
  public struct Migration: Sendable, Codable, Hashable {
    /// The list that it belongs to.
    public var list: String
    /// Its name within the list.
    public var name: String
  }

  /// The dump in the backup.
  public struct Dump: Sendable, Codable, Equatable {
    /// How many bytes it has.
    public var bytes: Int
    /// Their SHA-256, in hexadecimal digits.
    public var sha256: String
  }

  /// The layout of the file, as this program writes it.
  public static let currentFormat = 1

  /// The layout of the file.
  public var format = currentFormat
  /// The version of Odeum that made it.
  public var odeum: String
  /// Whose backup it is.
  public var installation: UUID
  /// The moment whose state it holds, to the second.
  public var createdAt: Date
  /// The major version of the PostgreSQL server that was dumped.
  public var postgres: Int
  /// The schema, in the order in which its changes were applied.
  public var migrations: [Migration]
  /// Recognises the master key and tells nothing of it, in hexadecimal digits.
  public var masterKeyCheck: String
  /// The dump.
  public var dump: Dump

  /// The moment in words, for people: `2026-11-21 06:42 UTC`.
  public var moment: String { Self.moment(createdAt) }

  static func moment(_ date: Date) -> String {
    date.formatted(
      Date.VerbatimFormatStyle(
        format:
          "\(year: .padded(4))-\(month: .twoDigits)-\(day: .twoDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits) UTC",
        locale: Locale(identifier: "en_US_POSIX"), timeZone: .gmt, calendar: Calendar(identifier: .gregorian))
    )
  }

  /// As it stands in the file: JSON for people and programs.
  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return try encoder.encode(self)
  }

  /// - Throws: `DecodingError` for what is none.
  static func decoded(_ data: Data) throws -> BackupManifest {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return try decoder.decode(BackupManifest.self, from: data)
  }

  /// The layout that any manifest names, also one of a later layout.
  static func format(of data: Data) throws -> Int {
    struct Format: Decodable { var format: Int }
    return try JSONDecoder().decode(Format.self, from: data).format
  }
}

/// What proves that a manifest is whole, and that it was written by somebody who has the master key.
struct BackupSeal: Equatable {
  var sha256: String
  var hmac: String

  /// The seal of a manifest, byte for byte as it stands in the file.
  init(of manifest: Data, under key: MasterKey) {
    sha256 = SHA256.hash(data: manifest).hexadecimal
    hmac = key.backupSeal(manifest).hexadecimal
  }

  /// The text that stands in the file.
  var text: String { "sha256 \(sha256)\nhmac-sha256 \(hmac)\n" }

  /// Nil for a text that is no seal.
  init?(_ text: String) {
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    guard lines.count == 2, lines.allSatisfy({ $0.count == 2 && $0[1].count == 64 }), lines[0][0] == "sha256",
      lines[1][0] == "hmac-sha256"
    else { return nil }
    sha256 = lines[0][1]
    hmac = lines[1][1]
  }
}

extension Sequence<UInt8> {
  /// Two digits a byte.
  var hexadecimal: String {
    reduce(into: "") { text, byte in
      text += byte < 16 ? "0" : ""
      text += String(byte, radix: 16)
    }
  }
}
