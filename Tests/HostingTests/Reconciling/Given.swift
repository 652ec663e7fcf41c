import Docker
import Foundation
import Odoo
import Remote

@testable import Hosting

/// Puts together what the database says and what a server has, for the pure comparison. Everything is as it should be
/// unless a test says otherwise.
struct Given {
  static let installation = UUID()
  static let begin = Date(timeIntervalSince1970: 1_800_000_000)

  var instance: Instance
  var expected: [ContainerRole: ExpectedContainer] = [:]
  var catchesMail = false
  var seen = SeenServer()
  var removed: [UUID: String] = [:]
  var elsewhere: Set<UUID> = []
  var prepared: Set<String> = []

  init(_ status: InstanceStatus = .running, desired: DesiredState = .running) throws {
    let server = ServerReference(id: UUID(), name: "srv-1", address: "127.0.0.1", exposed: false)
    let settings = InstanceSettings(defaultsOf: .dev)
    instance = Instance(
      id: UUID(), organisationID: UUID(), server: server, name: try Slug("shop"), version: .v19,
      edition: .community, stage: .dev, basePort: 10_000,
      origin: DatabaseOrigin(
        language: "en_US", country: nil, demo: false, modules: [],
        adminPassword: PasslibHash(rounds: 1, salt: [], key: [])),
      settings: settings, settingsRevision: 1, appliedSettings: settings, desired: desired, status: status,
      statusReason: "", statusSince: Self.begin, statusJob: nil, activeJob: nil, createdAt: Self.begin)
    for role in ContainerRole.allCases {
      var spec = ContainerSpec(image: "sha256:\(role)")
      spec.environment = ["PLACE": "here"]
      spec.portBindings = [PortBinding(8069, hostPort: 10_000)]
      expected[role] = ExpectedContainer(mark: "mark", spec: spec)
      var details = SeenContainer.Details(status: .running)
      details.ports = Set(spec.portBindings)
      details.environment = ["PLACE": Secret("here"), "PATH": Secret("/bin")]
      details.startedAt = Self.begin
      let labels = labels.merging([Label.role: role.rawValue, Label.spec: "mark"]) { $1 }
      seen.containers.append(
        SeenContainer(
          thing: SeenThing(kind: .container, id: "id-\(role)", name: names.container(role), labels: labels),
          status: .running, summary: "Up 2 hours", imageID: "sha256:\(role)", details: details))
    }
    seen.volumes = [names.cluster, names.files].map {
      SeenThing(kind: .volume, id: $0, name: $0, labels: labels)
    }
    seen.networks = [SeenThing(kind: .network, id: "n", name: names.network, labels: labels)]
  }

  var names: PartNames { PartNames(slug: instance.name.text) }
  var labels: [String: String] { Self.labels(instance.id) }
  var mark: Finding.InstanceMark { .init(id: instance.id, name: instance.name, status: instance.status) }

  static func labels(_ instance: UUID) -> [String: String] {
    [Label.installation: installation.uuidString, Label.instance: instance.uuidString]
  }

  /// What follows from it.
  var findings: [Finding] {
    Reconciliation.plan(
      database: Recorded(
        instances: [RecordedInstance(instance: instance, catchesMail: catchesMail, expected: expected)],
        removed: removed,
        elsewhere: elsewhere, prepared: prepared),
      seen: seen)
  }

  /// Changes what is seen of a container.
  mutating func container(_ role: ContainerRole, _ change: (inout SeenContainer) -> Void) {
    guard let index = seen.containers.firstIndex(where: { $0.thing.labels[Label.role] == role.rawValue })
    else { return }
    change(&seen.containers[index])
  }

  /// A mail catcher that does what `status` says.
  mutating func mailCatcher(_ status: ContainerState.Status) {
    let labels = labels.merging([Label.role: DockerRuntime.mailRole]) { $1 }
    seen.containers.append(
      SeenContainer(
        thing: SeenThing(kind: .container, id: "id-mail", name: names.mail, labels: labels), status: status,
        summary: "Up 2 hours", imageID: "sha256:mail"))
  }

  /// A container that is down since so many seconds after the beginning.
  mutating func down(
    _ role: ContainerRole, _ status: ContainerState.Status = .exited, after seconds: Double = 10
  ) {
    container(role) {
      $0.status = status
      $0.details?.finishedAt = Self.begin.addingTimeInterval(seconds)
    }
  }

  mutating func gone(_ role: ContainerRole) {
    seen.containers.removeAll { $0.thing.labels[Label.role] == role.rawValue }
  }
}

extension Finding {
  /// The status that it leads to, and why.
  var status: (InstanceStatus, String)? {
    switch self {
    case .status(_, let status, .text(let text)): (status, text)
    case .status(_, let status, .end): (status, "")
    default: nil
    }
  }
}
