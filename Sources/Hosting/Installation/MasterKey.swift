import Crypto
import Foundation
import Remote

/// The key under which secrets are kept in the database.
///
/// Each secret is sealed with ChaCha20-Poly1305 and bound to the row and column it belongs to, so that a
/// sealed value that was copied into another row does not open.
public struct MasterKey: Sendable {
  private let key: SymmetricKey

  /// A key from its 32 bytes in base64.
  ///
  /// - Throws: `HostingError` with code `invalid` where the text is not that.
  public init(base64 text: String) throws {
    guard let bytes = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
      bytes.count == 32
    else {
      throw HostingError(
        .invalid, "The master key is not 32 bytes in base64.",
        suggestion: "Give the exact contents of master.key, or make a new one with: openssl rand -base64 32")
    }
    key = SymmetricKey(data: bytes)
  }

  /// A new random key.
  public init() {
    key = SymmetricKey(data: randomBytes(32))
  }

  /// The key's 32 bytes in base64, for writing it down.
  public var base64: Secret {
    Secret(key.withUnsafeBytes { Data($0).base64EncodedString() })
  }

  /// The key kept at `path`, made there on first use, readable by its owner only.
  ///
  /// - Throws: `HostingError` where the file cannot be read or written or is no key.
  public static func kept(at path: String) throws -> MasterKey {
    do {
      if FileManager.default.fileExists(atPath: path) {
        return try MasterKey(base64: String(contentsOfFile: path, encoding: .utf8))
      }
      let made = MasterKey()
      try PrivateFile.write(made.base64.reveal() + "\n", to: path)
      return made
    } catch let error as HostingError {
      throw HostingError(error.code, "\(path): \(error.message)", suggestion: error.suggestion)
    } catch {
      throw HostingError(
        .unavailable, "The master key at \(path) cannot be read or made: \(error.localizedDescription)",
        suggestion: "Check the folder's owner and free space, or give the key as ODEUM_MASTER_KEY.")
    }
  }

  /// `secret`, sealed for `place` (such as `instances/ID/database_password`).
  func seal(_ secret: Secret, for place: String) throws -> Data {
    try ChaChaPoly.seal(Data(secret.reveal().utf8), using: key, authenticating: Data(place.utf8)).combined
  }

  /// What `seal` sealed for `place`.
  ///
  /// - Throws: `HostingError` with code `internal` where the value was not sealed for this place under this
  ///   key.
  func open(_ sealed: Data, for place: String) throws -> Secret {
    do {
      let bytes = try ChaChaPoly.open(.init(combined: sealed), using: key, authenticating: Data(place.utf8))
      return Secret(String(decoding: bytes, as: UTF8.self))
    } catch {
      throw HostingError(
        .internal, "The secret \(place) does not open under the present master key.",
        suggestion: "Start with the master key under which the database was written.")
    }
  }

  /// What the database keeps to recognise the key, which tells nothing of it.
  func checkValue(installation: UUID) -> Data {
    Data(
      HMAC<SHA256>.authenticationCode(
        for: Data("odeum master key \(installation.uuidString)".utf8), using: key))
  }

  /// Proves that a backup's manifest was written by somebody who has the key.
  func backupSeal(_ manifest: Data) -> Data {
    Data(HMAC<SHA256>.authenticationCode(for: Data("odeum backup\n".utf8) + manifest, using: key))
  }
}
