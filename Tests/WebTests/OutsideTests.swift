import Foundation
import HTTPTypes
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
    let (request, context) = try asked([.forwardedFor: header])
    let outside = Outside(publicURL: nil, trustedProxies: trusted.compactMap(AddressRange.init))
    #expect(outside.address(request, context) == expected)
  }

  /// Who is trusted, the host and the scheme that are said, and where the console then is.
  private static let places: [(String?, String?, String?, String)] = [
    // What a trusted proxy says counts, and what it does not say is taken from the request itself.
    ("10.0.0.0/8", "odeum.example.com", "https", "https://odeum.example.com"),
    ("10.0.0.0/8", "odeum.example.com:8443", "HTTPS", "https://odeum.example.com:8443"),
    ("10.0.0.0/8", "odeum.example.com", nil, "http://odeum.example.com"),
    ("10.0.0.0/8", nil, "https", "https://inside:8600"), ("10.0.0.0/8", nil, nil, "http://inside:8600"),
    ("10.0.0.0/8", nil, "javascript", "http://inside:8600"),
    // What a stranger says does not.
    ("192.0.2.0/24", "odeum.example.com", "https", "http://inside:8600"),
    (nil, "odeum.example.com", "https", "http://inside:8600"),
  ]

  @Test(arguments: places)
  func `only a trusted proxy can say where the console is reached`(
    trusted: String?, host: String?, scheme: String?, expected: String
  ) throws {
    var headers: HTTPFields = [:]
    headers[.forwardedHost] = host
    headers[.forwardedProto] = scheme
    let (request, context) = try asked(headers)
    let trustedProxies = [trusted].compactMap(\.self).compactMap(AddressRange.init)
    let outside = Outside(publicURL: nil, trustedProxies: trustedProxies)
    #expect(outside.ownAddress(request, context) == expected)
    #expect(outside.isOwn(origin: expected, request, context))
    for other in ["https://odeum.example.com", "https://odeum.example.com:8443", "http://inside:8600"] {
      let isSame = expected.split(separator: "/").last == other.split(separator: "/").last
      #expect(outside.isOwn(origin: other, request, context) == isSame, "\(other)")
    }
    // Where the operator has said it, nobody else does.
    let told = Outside(
      publicURL: URL(string: "https://console.example.net/"), trustedProxies: trustedProxies, hasTLS: false)
    #expect(told.ownAddress(request, context) == "https://console.example.net")
    #expect(told.isOwn(origin: "https://console.example.net", request, context))
  }

  /// A request from 10.0.0.1 at inside:8600.
  private func asked(_ headers: HTTPFields) throws -> (Request, WebContext) {
    let channel = EmbeddedChannel()
    try channel.connect(to: .init(ipAddress: "10.0.0.1", port: 4000)).wait()
    let request = Request(
      head: .init(method: .get, scheme: nil, authority: "inside:8600", path: "/", headerFields: headers),
      body: .init(buffer: ByteBuffer()))
    return (request, WebContext(source: .init(channel: channel, logger: Logger(label: "test"))))
  }
}
