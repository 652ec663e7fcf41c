import Foundation
import Remote
import Testing

@Suite("SSH keys and targets")
struct SSHKeyTests {
  @Test("a made key is ed25519, carries its comment, and can be read back")
  func generate() async throws {
    let key = try await SSHKey.generate(comment: "odeum on\nweb1")
    #expect(key.publicKey.hasPrefix("ssh-ed25519 "))
    #expect(key.publicKey.hasSuffix(" odeum onweb1"))
    let again = try await SSHKey.reading(Secret(key.privateKey.reveal().replacing("\n", with: "\r\n")))
    #expect(again.publicKey == key.publicKey)
    #expect(!"\(key)".contains("PRIVATE"))
  }

  @Test("a key with a passphrase and a text that is no key are refused, each with its own error")
  func unusable() async throws {
    let folder = NSTemporaryDirectory() + "odeum-key-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await LocalHost().output(
      of: Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "word", "-f", "\(folder)/key"),
      deadline: .seconds(20))
    let text = try String(contentsOfFile: "\(folder)/key", encoding: .utf8)
    await #expect(throws: SSHError.keyHasPassphrase) { try await SSHKey.reading(Secret(text)) }
    let error = await #expect(throws: SSHError.self) { try await SSHKey.reading(Secret("nothing")) }
    guard case .keyUnreadable(let reason) = error else {
      Issue.record("not an unreadable key: \(String(describing: error))")
      return
    }
    #expect(!reason.contains("/tmp"))
  }

  @Test(
    "an address that could be an option or syntax is refused",
    arguments: [
      "", "-oProxyCommand=id", "a b", "a;b", "$(id)", "`id`", "a\nb", "a..b", ".a", "a.", "[::1]",
      "fe80::1%eth0",
      "root@a", "a/b", "é.de", "a-", String(repeating: "a", count: 64),
    ])
  func hostileAddress(address: String) {
    #expect(throws: SSHError.invalidTarget(part: "address", value: address)) {
      try SSHTarget(address: address)
    }
  }

  @Test(
    "host names and addresses of both families are taken",
    arguments: ["web1", "a.example-1.com", "::1", "10.0.0.1"])
  func address(address: String) throws {
    #expect(try SSHTarget(address: address).address == address)
  }

  @Test("hostile users and ports are refused")
  func userAndPort() {
    for user in ["", "-l", "a b", "a@b", "a%h", "$(id)"] {
      #expect(throws: SSHError.invalidTarget(part: "user", value: user)) {
        try SSHTarget(address: "a", user: user)
      }
    }
    for port in [0, -1, 65536] {
      #expect(throws: SSHError.invalidTarget(part: "port", value: "\(port)")) {
        try SSHTarget(address: "a", port: port)
      }
    }
  }
}
