import Foundation
import Remote
import Testing

@testable import Hosting

@Suite struct SecretsTests {
  @Test func `a sealed secret opens in its own place only`() throws {
    let key = MasterKey()
    let sealed = try key.seal(Secret("hunter2"), for: "instances/1/database_password")
    #expect(try key.open(sealed, for: "instances/1/database_password").reveal() == "hunter2")
    #expect(throws: HostingError.self) { try key.open(sealed, for: "instances/2/database_password") }
    #expect(throws: HostingError.self) { try MasterKey().open(sealed, for: "instances/1/database_password") }
    var bent = sealed
    bent[bent.startIndex] ^= 1
    #expect(throws: HostingError.self) { try key.open(bent, for: "instances/1/database_password") }
  }

  @Test func `the key file is made once, for its owner only, and read again`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "master.key").path()
    let made = try MasterKey.kept(at: path)
    #expect(try MasterKey.kept(at: path).base64 == made.base64)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()) == ["master.key"])
  }

  @Test(arguments: ["", "abc", "c2hvcnQ=", String(repeating: "A", count: 200)])
  func `a text that is no key says what one is`(text: String) {
    let error = #expect(throws: HostingError.self) { try MasterKey(base64: text) }
    #expect(error?.suggestion?.contains("openssl rand -base64 32") == true)
  }

  @Test func `a password is verified by its hash, and another one is not`() async throws {
    let hasher = PasswordHasher(cost: 10, parallelism: 1)
    let hash = try await hasher.hash("correct horse")
    #expect(hash.hasPrefix("$scrypt$ln=10,r=8,p=1$"))
    #expect(try await hasher.verify("correct horse", against: hash))
    #expect(try await !hasher.verify("correct horsf", against: hash))
    #expect(try await !hasher.verify("", against: hash))
    #expect(try await !hasher.verify("correct horse", against: nil))
    #expect(try await hasher.hash("correct horse") != hash, "the salt is new each time")
  }

  @Test func `a hash of other parameters is still verified`() async throws {
    let hash = try await PasswordHasher(cost: 9, parallelism: 2).hash("x")
    #expect(try await PasswordHasher(cost: 10, parallelism: 1).verify("x", against: hash))
  }

  @Test(arguments: ["", "$scrypt$", "$scrypt$ln=99,r=8,p=1$AAAA$AAAA", "$argon2id$x$y$z", "plain"])
  func `a damaged hash verifies nothing`(hash: String) async throws {
    #expect(try await !PasswordHasher(cost: 10, parallelism: 1).verify("", against: hash))
  }

  @Test func `tokens are random, long, and kept as hashes`() {
    let tokens = (0..<100).map { _ in BearerToken(prefix: "odeum_") }
    #expect(Set(tokens.map { $0.secret.reveal() }).count == 100)
    #expect(tokens.allSatisfy { $0.secret.reveal().count == 6 + 43 })
    #expect(tokens.allSatisfy { $0.hash == BearerToken.hash(of: $0.secret.reveal()) && $0.hash.count == 32 })
    #expect("\(tokens[0].secret)" == "[redacted]")
  }
}
