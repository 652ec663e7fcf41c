import Docker
import Foundation
import Remote

/// A way in which a part of an instance on its server differs from what it should be, that is told and not mended.
public struct Drift: Sendable, Codable, Hashable {
  /// Kinds of differences.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A container is not there.
    case missingContainer
    /// A network is not there.
    case missingNetwork
    /// The mail catcher is not there, or does not run beside an instance that does.
    case mailCatcher
    /// A container runs another image than the one noted.
    case image
    /// A container was made from other settings than those in effect.
    case settings
    /// The memory or processor limits of a container were changed on the server.
    case limits
    /// A container publishes other ports.
    case ports
    /// A container has other values in its environment.
    case environment
    /// Docker treats the end of a container's program in another way.
    case restartPolicy
  }

  /// What kind of difference.
  public var kind: Kind
  /// The name of the part on the server.
  public var part: String
  /// What differs and what to do, in one sentence each.
  public var text: String
  /// When it was first seen.
  public var since: Date
}

/// A difference without the time when it was first seen.
struct Difference: Sendable, Hashable {
  var kind: Drift.Kind
  var part: String
  var text: String
}

extension [Drift] {
  /// Whether these are exactly `differences`.
  func tell(_ differences: [Difference]) -> Bool {
    Set(map { Difference(kind: $0.kind, part: $0.part, text: $0.text) }) == Set(differences)
  }

  /// `differences` as they are told from now on: those that were known keep their time.
  func updated(to differences: [Difference], at now: Date) -> [Drift] {
    differences.map { difference in
      let known = first { $0.kind == difference.kind && $0.part == difference.part }
      return Drift(
        kind: difference.kind, part: difference.part, text: difference.text, since: known?.since ?? now)
    }
  }
}

/// What a container should be, as far as it is compared with what it is.
struct ExpectedContainer: Sendable {
  /// The value of its label `odeum.spec`.
  var mark: String
  var imageID: String
  var limits: Docker.ContainerLimits
  var ports: Set<PortBinding>
  var environment: [String: String]
  var restartPolicy: RestartPolicy

  init(mark: String, spec: ContainerSpec) {
    self.mark = mark
    imageID = spec.image
    limits = spec.limits
    ports = Set(spec.portBindings)
    environment = spec.environment.compactMapValues { $0.revealText() }
    restartPolicy = spec.restartPolicy
  }

  /// In what `seen` differs. What the settings in general explain is not said when something of them is named.
  func differences(from seen: SeenContainer, _ role: ContainerRole, of instance: String) -> [Difference] {
    let name = seen.thing.name
    let what = "The \(role.container) of \(instance)"
    let remedy = "A hard restart makes it anew: odeum instance restart \(instance) --hard"
    func difference(_ kind: Drift.Kind, _ text: String) -> Difference {
      Difference(kind: kind, part: name, text: "\(what) \(text). \(remedy)")
    }
    var found: [Difference] = []
    if seen.imageID != imageID {
      found.append(
        difference(
          .image,
          "runs the image \(Self.short(seen.imageID)) instead of \(Self.short(imageID)), which it was made from"
        ))
    }
    if let details = seen.details {
      let has = Self.words(details.limits)
      let should = Self.words(limits)
      if has != should { found.append(difference(.limits, "has \(has) instead of \(should)")) }
      if details.ports != ports {
        found.append(
          difference(.ports, "publishes \(Self.words(details.ports)) instead of \(Self.words(ports))"))
      }
      let changed = environment.filter { details.environment[$0.key]?.reveal() != $0.value }.keys.sorted()
      if !changed.isEmpty {
        found.append(difference(.environment, "has other values of \(changed.joined(separator: ", "))"))
      }
      if details.restartPolicy != restartPolicy {
        found.append(
          difference(
            .restartPolicy,
            "\(Self.words(details.restartPolicy)), and should be one that \(Self.words(restartPolicy))"))
      }
    }
    if found.isEmpty, seen.thing.labels[Label.spec] != mark {
      found.append(difference(.settings, "was made from other settings than those in effect"))
    }
    return found
  }

  private static func short(_ image: String) -> String {
    String(image.replacing("sha256:", with: "").prefix(12))
  }

  private static func words(_ limits: Docker.ContainerLimits) -> String {
    func size(_ bytes: Int?) -> String { bytes.map { "\($0 >> 20) MB" } ?? "no" }
    var words = ["\(size(limits.memory)) memory limit", "\(limits.cpuShares ?? 1024) CPU shares"]
    if let reservation = limits.memoryReservation { words.append("\(size(reservation)) reserved") }
    if let cpus = limits.cpus { words.append("\(cpus) processors") }
    return words.joined(separator: ", ")
  }

  private static func words(_ ports: Set<PortBinding>) -> String {
    guard !ports.isEmpty else { return "no port" }
    return "port "
      + ports.map { port in
        "\(port.containerPort) at \(port.hostAddress):\(port.hostPort.map(String.init) ?? "any")"
      }.sorted().joined(separator: ", ")
  }

  private static func words(_ policy: RestartPolicy) -> String {
    switch policy {
    case .no: "is not started again when it ends"
    case .onFailure(0): "is started again whenever it fails"
    case .onFailure(let maximum): "is started again when it fails, at most \(maximum) times"
    case .unlessStopped: "is started again unless it was stopped"
    case .always: "is always started again"
    }
  }
}
