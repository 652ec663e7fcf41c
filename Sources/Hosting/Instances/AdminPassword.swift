import Crypto
import CryptoExtras
import Foundation
import Odoo
import Remote

extension PasslibHash {
  /// Odoo's hash of a random password. One of a hundred bits needs no stretching, hence the few rounds, which
  /// would only keep creations waiting; from 16 on Odoo raises them at the first sign-in.
  ///
  /// - Throws: what the key derivation throws.
  static func ofRandomPassword(_ password: Secret) throws -> PasslibHash {
    let salt = randomBytes(16)
    return try PasslibHash(password: password.reveal(), salt: salt, rounds: 1_000) {
      try KDF.Insecure.PBKDF2.deriveKey(
        from: $0, salt: $1, using: .sha512, outputByteCount: $3, unsafeUncheckedRounds: $2
      ).withUnsafeBytes { Array($0) }
    }
  }
}
