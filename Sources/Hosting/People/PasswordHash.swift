import Crypto
import CryptoExtras
import Foundation

/// Hashes of passwords: scrypt, written with its parameters so that they can be raised later.
///
/// The text is `$scrypt$ln=15,r=8,p=3$SALT$KEY` (base64): about 190 ms and 32 MB a check on a core of 2024.
public struct PasswordHasher: Sendable {
  /// log2 of scrypt's N.
  let cost: Int
  /// scrypt's p.
  let parallelism: Int
  private let gate: HashingGate

  /// A hasher; `cost` is log2 of N. Tests lower it, since an unoptimised build is three times slower.
  public init(cost: Int = 15, parallelism: Int = 3) {
    self.cost = cost
    self.parallelism = parallelism
    gate = HashingGate()
  }

  /// The hash of `password` with a new salt.
  func hash(_ password: String) async throws -> String {
    let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
    let key = try await derive(password, salt: salt, cost: cost, parallelism: parallelism)
    return
      "$scrypt$ln=\(cost),r=8,p=\(parallelism)$\(salt.base64EncodedString())$\(key.base64EncodedString())"
  }

  /// Whether `password` is the one of `hash`. Without a hash the same work is done and the answer is no, so
  /// that the time tells nothing about whether an account exists.
  func verify(_ password: String, against hash: String?) async throws -> Bool {
    guard let hash, let parsed = Self.parse(hash) else {
      _ = try await derive(password, salt: Data(count: 16), cost: cost, parallelism: parallelism)
      return false
    }
    let key = try await derive(
      password, salt: parsed.salt, cost: parsed.cost, parallelism: parsed.parallelism)
    return constantTimeEquals(key, parsed.key)
  }

  private func derive(_ password: String, salt: Data, cost: Int, parallelism: Int) async throws -> Data {
    let bytes = Data(password.precomposedStringWithCompatibilityMapping.utf8)
    return try await gate.run {
      try KDF.Scrypt.deriveKey(
        from: bytes, salt: salt, outputByteCount: 32, rounds: 1 << cost, blockSize: 8,
        parallelism: parallelism,
        maxMemory: 256 << 20
      ).withUnsafeBytes { Data($0) }
    }
  }

  private static func parse(_ text: String) -> (cost: Int, parallelism: Int, salt: Data, key: Data)? {
    let parts = text.split(separator: "$")
    guard parts.count == 4, parts[0] == "scrypt" else { return nil }
    var parameters: [Substring: Int] = [:]
    for pair in parts[1].split(separator: ",") {
      let sides = pair.split(separator: "=")
      guard sides.count == 2, let value = Int(sides[1]) else { return nil }
      parameters[sides[0]] = value
    }
    guard let cost = parameters["ln"], (1...20).contains(cost), parameters["r"] == 8,
      let parallelism = parameters["p"], let salt = Data(base64Encoded: String(parts[2])),
      let key = Data(base64Encoded: String(parts[3]))
    else { return nil }
    return (cost, parallelism, salt, key)
  }
}

/// Runs hashes on threads of their own, two at once, so that a crowd at the sign-in page stops neither the
/// control plane nor its memory.
private actor HashingGate {
  private var free = 2
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func run(_ work: @escaping @Sendable () throws -> Data) async throws -> Data {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
    defer {
      if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result(catching: work)) }
    }
  }
}

/// Whether two texts are equal, in a time that does not depend on where they differ.
func constantTimeEquals(_ left: Data, _ right: Data) -> Bool {
  guard left.count == right.count else { return false }
  return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
