/// A password as Odoo keeps it: passlib's `pbkdf2_sha512`, the first scheme of `res.users` in every version
/// and of `admin_passwd` in `odoo.conf`.
///
/// This module has no cryptography: the key derivation is the caller's.
public struct PasslibHash: Hashable, Codable, Sendable {
  /// Bytes of the salt that passlib makes.
  public static let saltLength = 16
  /// Bytes of the derived key, those of SHA-512.
  public static let keyLength = 64

  /// The stored text: `$pbkdf2-sha512$<rounds>$<salt>$<key>`.
  public let text: String

  /// Renders a derived key.
  /// - Parameters:
  ///   - rounds: how often PBKDF2 was iterated.
  ///   - salt: the salt it was given; 16 bytes are usual.
  ///   - key: the 64 bytes it gave.
  public init(rounds: Int, salt: [UInt8], key: [UInt8]) {
    text = "$pbkdf2-sha512$\(rounds)$\(Self.ab64(salt))$\(Self.ab64(key))"
  }

  /// Hashes a password.
  /// - Parameters:
  ///   - salt: fresh random bytes.
  ///   - rounds: `OdooVersion.passwordRounds`.
  ///   - derive: PBKDF2 with HMAC-SHA-512 over the password's UTF-8: password, salt, rounds, bytes wanted.
  /// - Throws: what `derive` throws.
  public init(
    password: String, salt: [UInt8], rounds: Int,
    derive: (_ password: [UInt8], _ salt: [UInt8], _ rounds: Int, _ length: Int) throws -> [UInt8]
  ) rethrows {
    try self.init(
      rounds: rounds, salt: salt, key: derive(Array(password.utf8), salt, rounds, Self.keyLength))
  }

  /// Base64 as passlib writes it: `.` instead of `+`, and no padding.
  static func ab64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./".utf8)
    var encoded: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits = 0
      for offset in 0..<3 { bits = bits << 8 | (offset < group.count ? Int(group[start + offset]) : 0) }
      for digit in 0...group.count { encoded.append(alphabet[bits >> (18 - 6 * digit) & 63]) }
    }
    return String(decoding: encoded, as: UTF8.self)
  }
}

extension OdooVersion {
  /// The rounds that this version hashes passwords with (`res.users`, `MIN_ROUNDS`; before, passlib's
  /// default). Another number is accepted as well, and from 16.0 on replaced at the next sign-in.
  public var passwordRounds: Int {
    self >= .v16 ? 600_000 : 25_000
  }
}
