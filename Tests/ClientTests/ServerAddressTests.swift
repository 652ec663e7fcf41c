import Testing

@testable import Client

@Suite struct ServerAddressTests {
  @Test(arguments: [
    ("https://odeum.example.com", "https://odeum.example.com"),
    ("odeum.example.com", "https://odeum.example.com"),
    ("odeum.example.com:8443/", "https://odeum.example.com:8443"),
    ("localhost:8600", "http://localhost:8600"), ("localhost", "http://localhost"),
    ("http://odeum", "http://odeum"), ("odeum:8600", "https://odeum:8600"),
    ("127.0.0.1:8600", "http://127.0.0.1:8600"), ("[::1]:8600", "http://[::1]:8600"),
    ("https://example.com/odeum//", "https://example.com/odeum"),
    ("https://example.com/api/v1", "https://example.com"), (" HTTP://example.com ", "http://example.com"),
  ])
  func `what people type becomes an address`(typed: String, address: String) throws {
    #expect(try ServerAddress(typed).description == address)
  }

  @Test(arguments: [
    ("", "it names no host"), ("https://", "it names no host"),
    ("ftp://example.com", "ftp is neither http nor https"),
    ("https://me:pw@example.com", "a user or password does not belong into it"),
    ("https://example.com?x=1", "it must end before any ? or #"),
    ("https://exa mple.com", "it names no host"), ("nonsense", "http:// or https:// is missing"),
  ])
  func `what cannot be an address is refused with the reason`(typed: String, reason: String) {
    let error = #expect(throws: ClientError.self) { try ServerAddress(typed) }
    #expect(error?.kind == .badAddress)
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("pw") == false)
  }

  @Test func `plain HTTP is exposed, unless it stays on this machine`() throws {
    #expect(try ServerAddress("http://example.com").isExposed)
    #expect(try !ServerAddress("https://example.com").isExposed)
    #expect(try !ServerAddress("http://127.0.0.1:8600").isExposed)
    #expect(try !ServerAddress("http://[::1]:8600").isExposed)
  }
}
