import Foundation
import Testing

@testable import Client

@Suite struct CallTests {
  private let id = UUID(uuidString: "0B0E5B1C-7D9B-4B3B-9A55-6D0A3E1F8A11")!

  @Test func `every parameter stands in the query, and one that is not given does not`() {
    #expect(API.Call.instances().target == "/api/v1/instances")
    #expect(
      API.Call.instances(stage: "dev", status: "failed", search: "a&b", limit: 2, cursor: "x=").target
        == "/api/v1/instances?stage=dev&status=failed&search=a%26b&limit=2&cursor=x%3D")
    #expect(API.Call.jobs(of: "demo", limit: 5).target == "/api/v1/jobs?instance=demo&limit=5")
    #expect(
      API.Call.log(of: "demo", source: "odoo", tail: 10).target
        == "/api/v1/instances/demo/log?source=odoo&tail=10")
  }

  @Test(arguments: [
    ("../tokens", "/api/v1/instances/..%2Ftokens"), ("..", "/api/v1/instances/%2E%2E"),
    (".", "/api/v1/instances/%2E"), ("a?b#c", "/api/v1/instances/a%3Fb%23c"),
    ("ä b\r\n", "/api/v1/instances/%C3%A4%20b%0D%0A"), ("%2e", "/api/v1/instances/%252e"),
  ])
  func `a reference cannot leave its place in the path`(reference: String, target: String) {
    #expect(API.Call.instance(reference).target == target)
  }

  @Test func `a job is named by its id in lower case, as the API writes it`() {
    #expect(API.Call.job(id).target == "/api/v1/jobs/0b0e5b1c-7d9b-4b3b-9a55-6d0a3e1f8a11")
    #expect(API.Call.cancelJob(id).method == .post)
  }

  @Test func `whoever leaves names himself without an id`() {
    #expect(API.Call.leave.method == .delete && API.Call.leave.target == "/api/v1/members/me")
  }

  @Test func `creating sends only what was asked for, and the idempotency key as a header`() throws {
    let call = try API.Call.createInstance(API.CreateInstance(name: "demo", demo: true), idempotencyKey: "k1")
    #expect(call.headers == [.init("Idempotency-Key", "k1")])
    let body = try JSONDecoder().decode([String: JSONScalar].self, from: try #require(call.body))
    #expect(body == ["name": .string("demo"), "demo": .bool(true)])
  }

  @Test func `workers can be set, left alone, and given back to the advice`() throws {
    func body(_ change: API.SettingsChange) throws -> String {
      String(decoding: try #require(try API.Call.changeSettings(of: "demo", change).body), as: UTF8.self)
    }
    var change = API.SettingsChange()
    #expect(try body(change) == "{}")
    change.workers = .fixed(3)
    #expect(try body(change) == #"{"workers":3}"#)
    change.workers = .automatic
    #expect(try body(change) == #"{"workers":null}"#)
    for change in [API.SettingsChange(), change] {
      let read = try API.decoder().decode(API.SettingsChange.self, from: Data(try body(change).utf8))
      #expect(read == change)
    }
  }
}

/// A value of a flat JSON object.
enum JSONScalar: Decodable, Equatable {
  case string(String)
  case bool(Bool)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let bool = try? container.decode(Bool.self) {
      self = .bool(bool)
    } else {
      self = .string(try container.decode(String.self))
    }
  }
}
