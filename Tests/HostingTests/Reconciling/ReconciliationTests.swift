import Docker
import Foundation
import Remote
import Testing

@testable import Hosting

/// The comparison of database and server, without either.
@Suite struct ReconciliationTests {
  @Test(arguments: [(InstanceStatus.running, DesiredState.running), (.stopped, .stopped)])
  func `something is found where all is as it should be`(status: InstanceStatus, desired: DesiredState) throws
  {
    var given = try Given(status, desired: desired)
    if desired == .stopped {
      given.down(.odoo)
      given.down(.database)
    }
    #expect(given.findings == [])
  }

  @Test func `an operation that is under way is interfered with`() throws {
    var given = try Given()
    given.instance.activeJob = UUID()
    given.seen = SeenServer()
    #expect(given.findings == [])
  }

  // MARK: - Status

  @Test func `an Odoo that ended counts as running`() throws {
    var given = try Given()
    given.down(.odoo)
    #expect(given.findings == [.status(given.mark, .failed, .end(of: "id-odoo", with: 0))])
  }

  @Test(arguments: [(0, Finding.Confirmation.later), (1, .atOnce), (137, .atOnce)])
  func `an Odoo that ended with an error is told later than at once, or one that was stopped is not`(
    status: Int, confirmation: Finding.Confirmation
  ) throws {
    var given = try Given()
    given.down(.odoo)
    given.container(.odoo) { $0.details?.exitCode = status }
    #expect(given.findings.map(\.confirmation) == [confirmation])
  }

  @Test func `a container that was removed by force counts as one that ended`() throws {
    var given = try Given()
    given.gone(.odoo)
    let (status, removed) = try #require(given.findings.first?.status)
    #expect(status == .failed)
    // It had ended before it was gone, and that was told already.
    given.instance.status = .failed
    given.instance.statusReason = "Odoo was killed from outside."
    #expect(given.findings.first == .status(given.mark, .failed, .text(removed)))
    given.instance.statusReason = removed
    #expect(given.findings == [], "once is enough")
    // What an operation said stays.
    given.instance.statusReason = "Its restart failed."
    given.instance.statusJob = UUID()
    #expect(given.findings == [])
  }

  @Test func `a container that Docker is removing counts as one that is there`() throws {
    var given = try Given()
    given.down(.odoo, .removing)
    let (status, reason) = try #require(given.findings.first?.status)
    #expect(status == .failed && reason.contains("removed from"))
  }

  @Test func `a database that was stopped by hand counts as running`() throws {
    var given = try Given()
    given.down(.database)
    let (status, reason) = try #require(given.findings.first?.status)
    #expect(status == .failed)
    #expect(reason.contains("odeum instance start shop"))
  }

  @Test func `an Odoo that Docker starts again counts as running, or as failed`() throws {
    var given = try Given()
    given.down(.odoo, .restarting)
    #expect(given.findings.first?.status?.0 == .restarting)
    given.instance.status = .restarting
    #expect(given.findings == [], "once is enough")
    given.container(.odoo) { $0.status = .running }
    #expect(given.findings == [.mayAnswer(given.mark, "Answers again after it ended by itself.")])
    given.down(.odoo)
    #expect(given.findings == [.status(given.mark, .failed, .end(of: "id-odoo", with: 0))])
  }

  @Test(arguments: [4, 5]) func `a crash loop goes on, or begins too early`(ends: Int) throws {
    var given = try Given()
    given.seen.restarts = ["id-odoo": ends]
    given.down(.odoo, .restarting)
    let isLoop = given.findings == [.crashLoop(given.mark, container: "id-odoo", ends: ends)]
    #expect(isLoop == (ends == 5))
    given.container(.odoo) { $0.status = .running }
    #expect(given.findings.contains(.crashLoop(given.mark, container: "id-odoo", ends: ends)) == (ends == 5))
  }

  @Test func `a crash loop that was stopped is stopped again`() throws {
    var given = try Given(.failed)
    given.seen.restarts = ["id-odoo": 6]
    given.down(.odoo)
    #expect(given.findings == [])
  }

  enum Down: CaseIterable { case both, odooFirst, databaseFirst }
  @Test(arguments: Down.allCases, [InstanceStatus.running, .failed])
  func `what went down with its server stays down`(down: Down, status: InstanceStatus) throws {
    var given = try Given(status)
    if down != .databaseFirst { given.down(.odoo) }
    if down != .odooFirst { given.down(.database) }
    // Docker has started the other one since.
    if down == .odooFirst { given.container(.database) { $0.details?.startedAt = Given.begin + 12 } }
    if down == .databaseFirst { given.container(.odoo) { $0.details?.startedAt = Given.begin + 12 } }
    #expect(given.findings == [.startAgain(given.mark)])
  }

  @Test func `what an operation found to be failed is started without being asked`() throws {
    var given = try Given(.failed)
    given.instance.statusJob = UUID()
    given.down(.odoo)
    given.down(.database)
    #expect(given.findings == [])
  }

  @Test func `what failed and runs is not asked whether it answers`() throws {
    let given = try Given(.failed)
    #expect(given.findings == [.mayAnswer(given.mark, "Answers again.")])
  }

  @Test func `what should be stopped and was started by hand is stopped, or not told`() throws {
    var given = try Given(.stopped, desired: .stopped)
    let (status, reason) = try #require(given.findings.first?.status)
    #expect(status == .running)
    #expect(reason.contains("odeum instance stop shop"))
    given.instance.status = .running
    #expect(given.findings == [])
    given.down(.odoo)
    #expect(given.findings.first?.status?.0 == .stopped)
  }

  // MARK: - What is missing

  @Test(arguments: [[ContainerRole.odoo], [.database], [.odoo, .database]])
  func `containers that vanished are not named, or it is not said what to do`(roles: [ContainerRole]) throws {
    var given = try Given()
    for role in roles { given.gone(role) }
    let (status, reason) = try #require(given.findings.first?.status)
    #expect(status == .failed)
    for role in roles { #expect(reason.contains(given.names.container(role))) }
    #expect(reason.contains("odeum instance restart shop --hard"))
    #expect(given.findings.count == 1)
  }

  @Test(arguments: [InstanceStatus.running, .stopped, .failed])
  func `data that are gone look like containers that are gone`(status: InstanceStatus) throws {
    var given = try Given(status, desired: status == .stopped ? .stopped : .running)
    given.seen.containers = []
    given.seen.volumes.removeFirst()
    let (found, reason) = try #require(given.findings.first?.status)
    #expect(found == .failed)
    #expect(reason.contains("odeum-shop-db (database) is gone from srv-1"))
    #expect(!reason.contains("--hard"))
    given.instance.status = .failed
    given.instance.statusReason = reason
    #expect(given.findings == [], "once is enough")
  }

  @Test func `a creation that did not come to its volumes is said to have lost its data`() throws {
    var given = try Given(.failed)
    given.instance.appliedSettings = nil
    given.instance.statusJob = UUID()
    given.seen = SeenServer()
    #expect(given.findings == [])
  }

  @Test func `a volume of the same name that is not the instance's counts as its data`() throws {
    var given = try Given()
    let other = Given.labels(UUID())
    given.seen.volumes[0].labels = other
    #expect(given.findings.contains { $0.status?.0 == .failed })
  }

  // MARK: - What belongs to nobody

  @Test func `what is left of a removed instance stays, or what nobody knows is removed`() throws {
    var given = try Given()
    let removed = UUID()
    let unknown = UUID()
    let rest = SeenThing(kind: .volume, id: "old", name: "old", labels: Given.labels(removed))
    let stray = SeenThing(kind: .volume, id: "lost", name: "lost", labels: Given.labels(unknown))
    let bare = SeenThing(
      kind: .network, id: "bare", name: "bare", labels: [Label.installation: Given.installation.uuidString])
    given.seen.volumes += [rest, stray]
    given.seen.networks.append(bare)
    given.removed = [removed: "old-shop"]
    #expect(given.findings == [.remains(of: removed, name: "old-shop", [rest]), .stray(stray), .stray(bare)])
  }

  @Test func `parts of an instance of another server are removed, or taken for its own`() throws {
    var given = try Given()
    let other = UUID()
    let part = SeenThing(kind: .container, id: "moved", name: "moved", labels: Given.labels(other))
    given.elsewhere = [other]
    given.seen.containers.append(SeenContainer(thing: part, status: .exited, summary: "", imageID: ""))
    #expect(given.findings == [.stray(part)])
  }

  @Test func `a copy of a folder is taken for the folder`() throws {
    var given = try Given()
    let own = "/srv/\(given.instance.id.uuidString.lowercased())"
    let folders = [own, "\(own)-copy"].map {
      SeenThing(kind: .folder, id: $0, name: $0, labels: given.labels)
    }
    given.seen.folders = folders
    #expect(given.findings == [.stray(folders[1])])
  }

  @Test func `a prepared database without a row is kept, or one with a row is removed`() throws {
    var given = try Given()
    given.prepared = ["known"]
    for key in ["known", "forgotten"] {
      let labels = [Label.installation: Given.installation.uuidString, Label.prepared: key]
      given.seen.volumes.append(SeenThing(kind: .volume, id: key, name: key, labels: labels))
      given.seen.volumes.append(SeenThing(kind: .volume, id: key + "2", name: key + "2", labels: labels))
    }
    #expect(given.findings == [.forgottenPreparation("forgotten")])
  }

  @Test func `marks of folders are misread`() {
    let text = """
      /srv/A/.odeum:odeum.installation=I
      /srv/A/.odeum:odeum.instance=X
      /srv/B.new/.odeum:odeum.installation=I
      noise
      """
    let folders = SeenThing(
      kind: .folder, id: "/srv/A", name: "/srv/A",
      labels: ["odeum.installation": "I", "odeum.instance": "X"])
    #expect(DockerRuntime.folders(inMarks: text) == [folders])
  }
}
