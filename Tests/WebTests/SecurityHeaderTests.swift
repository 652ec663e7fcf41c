import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct SecurityHeaderTests {
  @Test(arguments: ["/api/open", "/api/nothing", "/healthz", "/api/surprise"])
  func `every answer tells browsers what it may not do, errors too`(uri: String) async throws {
    try await WebServer.sample().application.test(.router) {
      let headers = try await $0.execute(uri: uri, method: .get).headers
      #expect(headers[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
      #expect(headers[.xContentTypeOptions] == "nosniff")
      #expect(headers[.referrerPolicy] == "same-origin")
      #expect(headers[.cacheControl] == "no-store")
      #expect(headers[.strictTransportSecurity] == nil)
      #expect(headers[.requestID]?.isEmpty == false)
    }
  }

  @Test func `over TLS browsers are told to stay there`() async throws {
    var configuration = WebConfiguration()
    configuration.publicURL = URL(string: "https://odeum.example.com")
    try await WebServer.sample(configuration: configuration).application.test(.router) {
      let headers = try await $0.execute(uri: "/healthz", method: .get).headers
      #expect(headers[.strictTransportSecurity] == "max-age=31536000")
    }
  }

  @Test func `health is told without asking who wants to know`() async throws {
    try await WebServer.sample().application.test(.router) {
      let live = try await $0.execute(uri: "/healthz", method: .get)
      #expect(live.status == .ok && String(buffer: live.body) == "ok\n")
      let ready = try await $0.execute(uri: "/readyz", method: .get)
      #expect(ready.status == .serviceUnavailable && String(buffer: ready.body) == "not ready: starting\n")
      let head = try await $0.execute(uri: "/healthz", method: .head)
      #expect(head.status == .ok && head.body.readableBytes == 0)
    }
  }
}
