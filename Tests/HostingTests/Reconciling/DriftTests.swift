import Docker
import Foundation
import Remote
import Testing

@testable import Hosting

@Suite struct DriftTests {
  /// What somebody did on the server, and what is to be said of it.
  struct Case: Sendable, CustomTestStringConvertible {
    let kind: Drift.Kind
    let words: String
    let change: @Sendable (inout SeenContainer) -> Void
    var testDescription: String { kind.rawValue }
  }

  @Test(arguments: [
    Case(kind: .image, words: "runs the image other instead of odoo") { $0.imageID = "sha256:other" },
    Case(kind: .settings, words: "was made from other settings") { $0.thing.labels[Label.spec] = "old" },
    Case(kind: .limits, words: "has 512 MB memory limit, 1024 CPU shares instead of no memory limit") {
      $0.details?.limits.memory = 512 << 20
    },
    Case(kind: .ports, words: "publishes no port instead of port 8069 at 127.0.0.1:10000") {
      $0.details?.ports = []
    },
    Case(kind: .environment, words: "has other values of PLACE") {
      $0.details?.environment["PLACE"] = Secret("there")
    },
    Case(kind: .restartPolicy, words: "is always started again") { $0.details?.restartPolicy = .always },
  ])
  func `what was changed by hand is not told, or not what to do`(sample: Case) throws {
    var given = try Given()
    given.container(.odoo, sample.change)
    guard case .drift(_, let differences) = try #require(given.findings.first) else {
      Issue.record("\(given.findings)")
      return
    }
    #expect(differences.map(\.kind) == [sample.kind])
    #expect(differences.map(\.part) == ["odeum-shop"])
    #expect(differences[0].text.contains(sample.words))
    #expect(differences[0].text.hasSuffix("odeum instance restart shop --hard"))
  }

  @Test func `a value of the environment is told, which may be secret`() throws {
    var given = try Given()
    given.container(.odoo) { $0.details?.environment["PLACE"] = Secret("hush") }
    #expect(!"\(given.findings)".contains("hush"))
  }

  @Test func `a missing network is not told`() throws {
    var given = try Given()
    given.seen.networks = []
    guard case .drift(_, let differences) = try #require(given.findings.first) else { return }
    #expect(differences.map(\.kind) == [.missingNetwork])
  }

  @Test func `a mail catcher that is gone, or stands still, is not told`() throws {
    var given = try Given()
    #expect(given.findings == [])
    given.catchesMail = true
    for (status, words) in [(nil, "is not there"), (ContainerState.Status.exited, "does not run")] {
      given.seen.containers.removeAll { $0.thing.labels[Label.role] == DockerRuntime.mailRole }
      if let status { given.mailCatcher(status) }
      guard case .drift(_, let differences) = try #require(given.findings.first) else { return }
      #expect(differences.map(\.kind) == [.mailCatcher])
      #expect(differences.map(\.part) == ["odeum-shop-mail"])
      #expect(differences[0].text.contains(words))
    }
    for status in [ContainerState.Status.running, .restarting] {
      given.seen.containers.removeAll { $0.thing.labels[Label.role] == DockerRuntime.mailRole }
      given.mailCatcher(status)
      #expect(given.findings == [])
    }
  }

  @Test func `the catcher of a stopped instance is missed while it stands still`() throws {
    var given = try Given(.stopped, desired: .stopped)
    given.catchesMail = true
    given.down(.odoo)
    given.down(.database)
    given.mailCatcher(.exited)
    #expect(given.findings == [])
  }

  @Test func `a stopped instance without containers is called failed, or nothing is said`() throws {
    var given = try Given(.stopped, desired: .stopped)
    given.seen.containers = []
    guard case .drift(_, let differences) = try #require(given.findings.first) else { return }
    #expect(differences.map(\.kind) == [.missingContainer, .missingContainer])
    #expect(differences.allSatisfy { $0.text.hasSuffix("odeum instance start shop") })
  }

  @Test func `what is known is written at each look, and what is mended stays told`() throws {
    var given = try Given()
    given.container(.odoo) { $0.thing.labels[Label.spec] = "old" }
    guard case .drift(_, let differences) = try #require(given.findings.first) else { return }
    let begin = Date(timeIntervalSince1970: 1)
    given.instance.drift = [Drift]().updated(to: differences, at: begin)
    #expect(given.findings == [])
    #expect(given.instance.drift.updated(to: differences, at: Date()).map(\.since) == [begin])
    given.container(.odoo) { $0.thing.labels[Label.spec] = "mark" }
    #expect(given.findings == [.drift(given.mark, [])])
  }

  @Test func `an instance that failed is told to differ, beside its reason`() throws {
    var given = try Given(.failed)
    given.instance.statusJob = UUID()
    given.down(.odoo)
    given.container(.odoo) { $0.thing.labels[Label.spec] = "old" }
    #expect(given.findings == [])
  }
}
