import Hummingbird
import Logging
import NIOEmbedded
import Remote
import Testing

@testable import Web

@Suite struct OutsideTests {
  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
    ("192.168.1.7", "192.168.1.7", true),
    ("192.168.1.7", "192.168.1.8", false), ("192.168.1.128/25", "192.168.1.127", false),
    ("0.0.0.0/0", "8.8.8.8", true),
    ("fd00::/8", "fd12::1", true), ("fd00::/8", "fe80::1", false), ("10.0.0.0/8", "::ffff:10.1.1.1", true),
    ("10.0.0.0/8", "nonsense", false), ("::/0", "10.0.0.1", false),
  ])
  func `a range holds its addresses and no others`(range: String, address: String, expected: Bool) throws {
    #expect(try #require(AddressRange(range)).contains(address) == expected)
  }

  @Test(arguments: ["", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/", "proxy", "fd00::/129"])
  func `what is no range is refused`(text: String) {
    #expect(AddressRange(text) == nil)
  }

  @Test(arguments: [
    ([], "203.0.113.9", "10.0.0.1"), (["10.0.0.0/8"], "203.0.113.9", "203.0.113.9"),
    (["10.0.0.0/8"], "6.6.6.6, 203.0.113.9", "203.0.113.9"),
    (["10.0.0.0/8"], "203.0.113.9, 10.0.0.2", "203.0.113.9"), (["10.0.0.0/8"], "", "10.0.0.1"),
    (["10.0.0.0/8"], "<script>", "10.0.0.1"), (["10.0.0.0/8"], "203.0.113.9, unknown", "203.0.113.9"),
    (["10.0.0.0/8"], "203.0.113.0/24", "10.0.0.1"),
  ])
  func `only a trusted proxy can say for whom it asks`(trusted: [String], header: String, expected: String)
    throws
  {
    let channel = EmbeddedChannel()
    try channel.connect(to: .init(ipAddress: "10.0.0.1", port: 4000)).wait()
    let context = WebContext(source: .init(channel: channel, logger: Logger(label: "test")))
    let request = Request(
      head: .init(
        method: .get, scheme: nil, authority: nil, path: "/", headerFields: [.forwardedFor: header]),
      body: .init(buffer: ByteBuffer()))
    let outside = Outside(publicURL: nil, trustedProxies: trusted.compactMap(AddressRange.init))
    #expect(outside.address(request, context) == expected)
  }
}
