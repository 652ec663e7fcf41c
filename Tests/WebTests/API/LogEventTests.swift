import Foundation
import Testing

@testable import Hosting
@testable import Web

@Suite struct LogEventTests {
  private func events(_ times: [Double], after id: String? = nil) async throws -> [String?] {
    let lines = AsyncThrowingStream<InstanceLogLine, any Error> { continuation in
      for time in times {
        continuation.yield(
          InstanceLogLine(time: Date(timeIntervalSince1970: time), source: .odoo, level: nil, text: "\(time)")
        )
      }
      continuation.finish()
    }
    var ids: [String?] = []
    for try await event in LogEvents(lines: lines, after: id.flatMap(LogEvents.Position.init)) {
      ids.append(event.name == "end" ? "end" : event.id)
    }
    return ids
  }

  @Test func `lines of the same instant are told apart`() async throws {
    #expect(
      try await events([1, 1, 2, 1_767_268_800.123456]) == [
        "1000000-0", "1000000-1", "2000000-0", "1767268800123456-0", "end",
      ])
  }

  @Test func `who comes back gets what follows the last line that he has`() async throws {
    #expect(try await events([1, 1, 1, 2], after: "1000000-1") == ["1000000-2", "2000000-0", "end"])
    #expect(try await events([1, 2], after: "2000000-0") == ["end"])
    #expect(try await events([1], after: "nonsense") == ["1000000-0", "end"])
  }
}
