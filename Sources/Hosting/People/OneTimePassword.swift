import Crypto
import Foundation
import Remote

/// Codes that a program on a person's phone makes from a shared secret and the time: RFC 6238 with SHA-1, six digits
/// and steps of 30 s, which is what every such program supports.
struct OneTimePassword: Sendable {
  static let period = 30
  /// So many steps before and behind the present one are good, since clocks differ.
  static let tolerance = 1

  /// The shared secret: 160 random bits (RFC 4226, section 4).
  let secret: Data

  /// A new secret.
  init() {
    secret = SymmetricKey(size: .init(bitCount: 160)).withUnsafeBytes { Data($0) }
  }

  /// That secret.
  init(secret: Data) {
    self.secret = secret
  }

  /// The step that `date` is in.
  static func step(at date: Date) -> Int { Int(date.timeIntervalSince1970.rounded(.down)) / period }

  /// The code of a step.
  func code(at step: Int) -> String {
    let counter = withUnsafeBytes(of: UInt64(step).bigEndian) { Data($0) }
    let mac = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
    let offset = Int(mac[mac.count - 1] & 0x0f)
    let number = mac[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } & 0x7fff_ffff
    return String(format: "%06d", number % 1_000_000)
  }

  /// The step whose code is `code`, of those that are good at `date` and come after `used`; nil where it is none's.
  func step(of code: String, at date: Date, after used: Int) -> Int? {
    let now = Self.step(at: date)
    return (now - Self.tolerance...now + Self.tolerance).first { step in
      step > used && constantTimeEquals(Data(self.code(at: step).utf8), Data(code.utf8))
    }
  }

  /// The secret as people type it: base32 (RFC 4648) without padding.
  var text: String { Base32.encode(secret) }

  /// What a QR code shows to such a program. The format is of Google Authenticator's documentation, which all follow.
  func address(for email: String, issuer: String) -> String {
    var components = URLComponents()
    components.scheme = "otpauth"
    components.host = "totp"
    components.path = "/\(issuer):\(email)"
    components.queryItems = [.init(name: "secret", value: text), .init(name: "issuer", value: issuer)]
    return components.string ?? ""
  }
}

/// Codes for who has lost the phone, each good once: 16 letters and digits of base32, 80 random bits.
struct RecoveryCode: Sendable {
  /// As it is shown: four groups of four.
  let text: String

  /// A new one.
  init() {
    let plain = Array(
      Base32.encode(SymmetricKey(size: .init(bitCount: 80)).withUnsafeBytes { Data($0) }).lowercased())
    text = stride(from: 0, to: plain.count, by: 4).map { String(plain[$0..<$0 + 4]) }.joined(separator: "-")
  }

  /// What the database keeps of a code, however it was typed.
  static func hash(of typed: String) -> Data {
    BearerToken.hash(of: typed.lowercased().filter { $0.isLetter || $0.isNumber })
  }
}

/// RFC 4648, section 6, without padding.
private enum Base32 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

  static func encode(_ data: Data) -> String {
    var text = ""
    var bits = 0
    var value = 0
    for byte in data {
      value = (value << 8 | Int(byte)) & 0xffff
      bits += 8
      while bits >= 5 {
        bits -= 5
        text.append(alphabet[value >> bits & 31])
      }
    }
    if bits > 0 { text.append(alphabet[value << (5 - bits) & 31]) }
    return text
  }
}
