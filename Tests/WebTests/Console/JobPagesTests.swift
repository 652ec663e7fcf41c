import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Hosting
@testable import Web

@Suite struct JobPagesTests {
  /// A job that goes on as long as the test does.
  private func job(_ kind: String, server: String? = nil, in hosting: PlayedHosting) -> String {
    let id = UUID()
    let job = Hosting.Operation(
      id: id, kind: kind, state: .running, instance: nil, instanceName: nil,
      server: nil, serverName: server, requestedBy: "owner@example.org", createdAt: Date(), startedAt: Date(),
      finishedAt: nil, reason: nil, steps: [])
    hosting.state.withLock { $0.operations.append(job) }
    return "/jobs/\(id)"
  }

  @Test(arguments: [
    ("instance.restart.soft", nil, "viewer", "does not allow this (restartInstances)"),
    ("instance.create", nil, "viewer", "does not allow this (createInstances)"),
    ("server.validate", "local", "developer", "This server belongs to the operator"),
  ])
  func `who may not call a job off sees why on its button, and gets the same answer from the page behind it`(
    kind: String, server: String?, person: String, reason: String
  ) async throws {
    let hosting = PlayedHosting()
    let path = job(kind, server: server, in: hosting)
    try await browse(person, hosting) { browser in
      let page = try await browser.get(path).text
      #expect(page.contains(#"id="cancel" aria-disabled="true" aria-describedby="cancel-why""#))
      #expect(page.contains(reason) && !page.contains("\(path)/cancel"))
      let asked = try await browser.get("\(path)/cancel")
      let done = try await browser.post("\(path)/cancel")
      #expect(asked.status == .forbidden && done.status == .forbidden)
      #expect(asked.text.contains(reason) && done.text.contains(reason))
    }
    try await browse("owner", hosting) { browser in
      let page = try await browser.get(path).text
      #expect(page.contains("href=\"\(path)/cancel\" data-dialog"))
      let asked = try await browser.get("\(path)/cancel").text
      #expect(asked.contains("Cancel this job"))
    }
  }
}
