import Foundation
import Testing

@testable import Client

@Suite struct OdeumClientTests {
  private let account =
    #"{"email":"a@example.com","organisation":"acme","role":"owner","isOperator":true,"permissions":[]}"#

  private func ask<Answer>(_ call: API.Call<Answer>, to address: String) async throws -> API.Answer<Answer> {
    var patience = OdeumClient.Patience()
    patience.answer = .seconds(20)
    return try await OdeumClient.connected(
      to: try ServerAddress(address), token: BearerToken("s3cret"), userAgent: "odeum/test",
      patience: patience
    ) { try await $0.send(call) }
  }

  private func failure(of address: String) async throws -> ClientError {
    try #require(await #expect(throws: ClientError.self) { try await ask(.account, to: address) })
  }

  @Test func `a request names itself, brings the token, and waits for no 100-continue`() async throws {
    let big = API.CreateInstance(
      name: "demo", settings: .init(odooConf: String(repeating: "# x\n", count: 500_000)))
    try await ScriptedServer.answering([
      answer(body: account), answer("403 Forbidden", type: "text/html", body: "<html>"),
    ]) {
      server in
      let answered = try await ask(.account, to: "http://127.0.0.1:\(server.port)")
      #expect(answered.value.organisation == "acme")
      #expect(String(decoding: answered.body, as: UTF8.self) == account)
      let call = try API.Call.createInstance(big)
      await #expect(throws: ClientError.self) { try await ask(call, to: "http://127.0.0.1:\(server.port)") }
      let requests = server.requests
      try #require(requests.count == 2)
      #expect(requests[0].hasPrefix("GET /api/v1/account HTTP/1.1\r\n"))
      #expect(requests[0].contains("Authorization: Bearer s3cret\r\n"))
      #expect(requests[0].contains("User-Agent: odeum/test\r\n"))
      #expect(requests[1].hasPrefix("POST /api/v1/instances HTTP/1.1\r\n"))
      #expect(!requests[1].lowercased().contains("expect:"))
    }
  }

  @Test func `what the API refuses comes as its problem, with fields and suggestion`() async throws {
    let problem = API.Problem(
      status: 422, code: "invalid", title: "A name is a DNS label.", suggestion: "use demo",
      fields: [.init(name: "name", message: "A name is a DNS label.")])
    let body = String(decoding: try API.encoder().encode(problem), as: UTF8.self)
    try await ScriptedServer.answering([
      answer("422 Unprocessable", type: "application/problem+json", body: body)
    ]) { server in
      let thrown = await #expect(throws: API.Problem.self) {
        try await ask(.instance("Demo"), to: "http://127.0.0.1:\(server.port)")
      }
      #expect(thrown == problem)
    }
  }

  @Test func `a request with a key is sent again where its answer was lost; another is not`() async throws {
    let cut = String(answer(body: account).dropLast(20))
    let problem = API.Problem(
      status: 409, code: "conflict", title: "There is one.", suggestion: nil, fields: [])
    let body = String(decoding: try API.encoder().encode(problem), as: UTF8.self)
    try await ScriptedServer.answering([cut, answer("409 Conflict", body: body), cut]) { server in
      let address = "http://127.0.0.1:\(server.port)"
      let wish = try API.Call.createOrganisation(.init(slug: "acme"), idempotencyKey: "once")
      let answered = await #expect(throws: API.Problem.self) { try await ask(wish, to: address) }
      #expect(answered == problem)
      let lost = await #expect(throws: ClientError.self) {
        try await ask(API.Call.createOrganisation(.init(slug: "acme")), to: address)
      }
      #expect(lost?.kind == .interrupted)
      let keys = server.requests.map { $0.contains("Idempotency-Key: once\r\n") }
      #expect(keys == [true, true, false])
    }
  }

  @Test func `a web site that is not Odeum is said to be none`() async throws {
    for reply in [
      answer(type: "text/html", body: "<h1>It works!</h1>"),
      answer("404 Not Found", type: "text/html", body: "<h1>404</h1>"),
    ] {
      try await ScriptedServer.answering([reply]) { server in
        let error = try await failure(of: "http://127.0.0.1:\(server.port)")
        #expect(error.kind == .foreign)
        #expect(error.message.hasPrefix("http://127.0.0.1:\(server.port) answered"))
      }
    }
  }

  @Test func `a proxy with nothing behind it is told from Odeum`() async throws {
    try await ScriptedServer.answering([
      answer("502 Bad Gateway", type: "text/html", body: "<center>nginx</center>")
    ]) {
      server in
      let error = try await failure(of: "http://127.0.0.1:\(server.port)")
      #expect(error.kind == .unreachable)
      #expect(error.message.contains("502 Bad Gateway: nothing answers behind it"))
    }
  }

  @Test func `the token does not follow a redirect`() async throws {
    try await ScriptedServer.answering([]) { other in
      let redirect = answer(
        "302 Found", type: "text/plain", headers: ["Location: http://127.0.0.1:\(other.port)/"], body: "")
      try await ScriptedServer.answering([redirect]) { server in
        let error = try await failure(of: "http://127.0.0.1:\(server.port)")
        #expect(error.message.contains("sends on to http://127.0.0.1:\(other.port)/"))
      }
      #expect(other.requests.isEmpty)
    }
  }

  @Test func `nothing that listens is said as such, with what to do`() async throws {
    let port = freePort()
    let error = try await failure(of: "http://127.0.0.1:\(port)")
    #expect(error.kind == .unreachable)
    #expect(error.message == "Nothing listens at http://127.0.0.1:\(port) (connection refused).")
    #expect(error.suggestion.contains("start odeumd"))
  }

  @Test func `a name that does not exist is said as such`() async throws {
    let error = try await failure(of: "http://nowhere.invalid:8600")
    #expect(error.kind == .unreachable)
    #expect(error.message.contains("nowhere.invalid"))
  }

  @Test func `https to a port without TLS advises http`() async throws {
    try await ScriptedServer.answering(["HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"]) { server in
      let error = try await failure(of: "https://127.0.0.1:\(server.port)")
      #expect(error.kind == .untrusted, "\(error)")
      #expect(error.suggestion.contains("http://"))
    }
  }

  @Test func `an answer that is cut off is no answer`() async throws {
    try await ScriptedServer.answering(["HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"]) { server in
      let error = try await failure(of: "http://127.0.0.1:\(server.port)")
      #expect(error.kind == .interrupted, "\(error)")
    }
  }

  private func freePort() -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, length)
        _ = getsockname(descriptor, $0, &length)
      }
    }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
