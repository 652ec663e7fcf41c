import Foundation
import Remote
import Testing

@Suite("Addresses") struct AddressTests {
  @Test("a range is cut into parts, which overlap with nothing but itself") func parts() throws {
    let range = try #require(AddressRange("198.18.0.7/15"))
    let parts = range.parts(of: 28)
    #expect(parts.count == 8192)
    #expect(parts.first?.description == "198.18.0.0/28" && parts.last?.description == "198.19.255.240/28")
    let (one, next) = (Array(parts)[300], Array(parts)[301])
    #expect(
      one.description == "198.18.18.192/28" && one.contains("198.18.18.207") && !one.contains("198.18.18.208")
    )
    #expect(one.overlaps(one) && one.overlaps(range) && range.overlaps(one) && !one.overlaps(next))
    #expect(try !one.overlaps(#require(AddressRange("2001:db8::/32"))))
    #expect(try #require(AddressRange("10.0.0.0/28")).parts(of: 28).map(\.description) == ["10.0.0.0/28"])
    #expect(try #require(AddressRange("10.0.0.0/29")).parts(of: 28).isEmpty)
    #expect(
      try #require(AddressRange("0.0.0.0/0")).parts(of: 1).map(\.description) == ["0.0.0.0/1", "128.0.0.0/1"])
    #expect(try #require(AddressRange("fd00::/8")).parts(of: 28).isEmpty)
    #expect(AddressRange("fd00::1/8")?.description == "fd00::1/8")
  }

  @Test(
    "an address of a private network, of a wire or of nobody in particular is not public",
    arguments: [
      "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.0.9", "169.254.169.254",
      "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.168.1.1", "198.18.0.1", "203.0.113.9",
      "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1",
      "2001:db8::1",
      "2002:7f00:1::", "2001:0:7f00:1::", "64:ff9b::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
      "::127.0.0.1",
      "3fff::1", "", "example.com", "127.1",
    ])
  func notPublic(address: String) {
    #expect(!AddressRange.isPublic(address))
  }

  @Test(
    "an address of the Internet is public, however it is written",
    arguments: [
      "1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.0.1", "100.128.0.1", "128.0.0.1", "172.15.0.1",
      "172.32.0.1",
      "193.0.0.1", "223.255.255.255", "2a00:1450::1", "2606:4700:4700::1111", "::ffff:1.1.1.1",
    ])
  func isPublic(address: String) {
    #expect(AddressRange.isPublic(address))
  }

  @Test(
    "what leads to the machine itself or its wire is told from a private network",
    arguments: [
      ("127.0.0.1", true), ("0.0.0.0", true), ("169.254.169.254", true), ("::1", true), ("fe80::1", true),
      ("::ffff:127.0.0.1", true), ("239.0.0.1", true), ("10.0.0.1", false), ("fd00::1", false),
      ("1.1.1.1", false),
    ])
  func localOnly(address: String, expected: Bool) {
    #expect(AddressRange.isLocalOnly(address) == expected)
  }

  @Test("older ways to write a number, and names, lead to their addresses")
  func lookUp() async {
    for text in ["127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1"] {
      #expect(await AddressLookup.addresses(of: text) == ["127.0.0.1"], "\(text)")
    }
    #expect(await AddressLookup.addresses(of: "localhost").allSatisfy { AddressRange.isLocalOnly($0) })
    #expect(await AddressLookup.addresses(of: "no-such-host.invalid").isEmpty)
    #expect(AddressLookup.ofThisMachine().contains("127.0.0.1"))
  }

  @Test("a target that is reached at an address is not looked up again")
  func route() async throws {
    try await withSSHHost { _, server in
      let nowhere = try SSHTarget(
        address: "no-such-host.invalid", port: server.port, user: server.target.user)
      let own = try await server.hostKey()
      #expect(try await HostKey.scan(nowhere.reached(at: "127.0.0.1")) == [own])
      let connection = SSHConnection(
        to: nowhere, key: server.key, hostKeys: [own], folder: "\(server.folder)/c", settings: .quick,
        routing: { (target) throws(SSHError) in try target.reached(at: "127.0.0.1") })
      let host = SSHHost(connection)
      #expect(try await host.text(of: Command("echo", "here"), deadline: .seconds(20)) == "here\n")
      await connection.close()
    }
  }

  @Test("a connection that may not go where it leads is not made, and says so at once")
  func refusedRoute() async throws {
    try await withSSHHost { _, server in
      let refusal = SSHError.addressRefused(host: "web1")
      let connection = SSHConnection(
        to: try server.target, key: server.key, hostKeys: [try await server.hostKey()],
        folder: "\(server.folder)/c",
        settings: .quick, routing: { (_) throws(SSHError) in throw refusal })
      await #expect(throws: refusal) { try await connection.connect() }
      await connection.close()
      #expect(server.descendants().isEmpty)
    }
  }
}
