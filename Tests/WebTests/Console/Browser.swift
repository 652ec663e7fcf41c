import Foundation
import Hosting
import Hummingbird
import HummingbirdTesting
import Odoo
import Testing

@testable import Web

/// A browser of `person` at the console over `hosting`; nil is nobody.
struct Browser {
  let client: any TestClientProtocol
  var person: String?

  func get(_ uri: String, _ headers: HTTPFields = [:]) async throws -> TestResponse {
    try await client.execute(uri: uri, method: .get, headers: cookies(headers))
  }

  func post(_ uri: String, _ form: String = "", site: String? = "same-origin") async throws -> TestResponse {
    var headers = cookies([.contentType: "application/x-www-form-urlencoded"])
    if let site { headers[.secFetchSite] = site }
    return try await client.execute(
      uri: uri, method: .post, headers: headers, body: ByteBuffer(string: form))
  }

  private func cookies(_ headers: HTTPFields) -> HTTPFields {
    var headers = headers
    if let person { headers[.cookie] = "odeum=\(person)" }
    return headers
  }
}

/// Visits the console over `hosting` as `person`.
func browse(
  _ person: String? = "owner", _ hosting: PlayedHosting = PlayedHosting(),
  configuration: WebConfiguration = WebConfiguration(), _ visit: @Sendable (Browser) async throws -> Void
) async throws {
  try await WebServer.console(hosting, configuration: configuration).application.test(.router) { client in
    try await visit(Browser(client: client, person: person))
  }
}

/// Makes an instance and waits until it is there.
func made(_ hosting: PlayedHosting, _ name: String, stage: String = "dev") async throws {
  var wish = NewInstance(name: name)
  wish.stage = stage
  let owner = try #require(hosting.state.withLock { $0.people["owner@example.org"] })
  let created = try await hosting.createInstance(wish, idempotencyKey: nil, by: owner)
  for try await event in try await hosting.followOperation(created.operation.id, after: 0, by: owner) {
    if case .changed(let job) = event, job.isFinished { break }
  }
  while try await hosting.instance(name, by: owner).activeJob != nil { await Task.yield() }
}

extension PlayedHosting {
  /// Makes the instances `shop-001` and on, up to `count`.
  func fill(_ count: Int) async throws {
    try await made(self, "shop-001")
    try state.withLock { state in
      let first = try #require(state.instances.first)
      for number in 2...count {
        var instance = first
        instance.id = UUID()
        instance.name = try Slug(String(format: "shop-%03d", number))
        state.instances.append(instance)
      }
    }
  }
}

extension TestResponse {
  var text: String { String(buffer: body) }
}
