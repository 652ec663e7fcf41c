import Client
import Foundation
import Testing

@testable import odeum

@Suite struct ExpiryTests {
  private let now = Date(timeIntervalSince1970: 1_800_000_000)

  @Test(arguments: [("12h", 43_200.0), ("90d", 7_776_000.0), ("2w", 1_209_600.0)])
  func `a time from now`(text: String, seconds: TimeInterval) throws {
    let expiry = try #require(Expiry(argument: text))
    #expect(expiry.date(now: now).timeIntervalSince(now) == seconds)
  }

  @Test func `a date counts to its end, an instant to the second`() throws {
    let day = try #require(Expiry(argument: "2027-01-31"))
    #expect(day.date(now: now).formatted(.iso8601) == "2027-02-01T00:00:00Z")
    let instant = try #require(Expiry(argument: "2027-01-31T12:30:00Z"))
    #expect(instant.date(now: now).formatted(.iso8601) == "2027-01-31T12:30:00Z")
  }

  @Test(arguments: ["", "d", "-3d", "0d", "never", "31.1.2027", "10m"])
  func `what is no such thing is refused`(text: String) { #expect(Expiry(argument: text) == nil) }

  @Test func `a second organisation of the same server gets a context of its own`() throws {
    let address = try ServerAddress("https://odeum.example.com")
    var file = ContextFile()
    #expect(Login.name(for: address, "acme", in: file) == "odeum.example.com")
    file.use(.init(name: "odeum.example.com", url: address.description, token: "t", organisation: "acme"))
    #expect(Login.name(for: address, "acme", in: file) == "odeum.example.com")
    #expect(Login.name(for: address, "globex", in: file) == "odeum.example.com/globex")
  }
}
