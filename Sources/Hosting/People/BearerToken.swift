import Crypto
import Foundation
import Remote

/// A random secret that whoever holds it may use: a session, an API token, a sign-in link. The database keeps
/// its hash only.
struct BearerToken: Sendable {
  /// The secret, to be handed out once.
  let secret: Secret
  /// What the database keeps.
  let hash: Data

  /// A new token of 256 random bits, written in 43 characters of base64url behind `prefix`.
  init(prefix: String = "") {
    let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
    let text = bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
      "=", with: "")
    secret = Secret(prefix + text)
    hash = Self.hash(of: prefix + text)
  }

  /// The hash of a token as somebody presents it.
  static func hash(of text: String) -> Data {
    Data(SHA256.hash(data: Data(text.utf8)))
  }
}

/// Random bytes for keys and salts. A new `SymmetricKey` draws as many as its memory happens to have room for, so that a
/// simulation could not repeat what it draws (swift-crypto 4.5, `SecureBytes.Backing.create(randomBytes:)`).
func randomBytes(_ count: Int) -> [UInt8] {
  var generator = SystemRandomNumberGenerator()
  return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}

/// A random password for people to type: 20 characters of an alphabet without look-alikes, about 115 bits.
func randomPassword() -> Secret {
  let alphabet = Array("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
  var generator = SystemRandomNumberGenerator()
  return Secret(String((0..<20).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }))
}
