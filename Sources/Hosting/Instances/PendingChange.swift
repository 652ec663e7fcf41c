import Foundation

/// Something that is wanted of an instance and not in effect yet.
public enum PendingChange: Sendable, Equatable {
  /// Saved settings, which that restart brings into effect.
  case settings(PendingRestart)
  /// Its server is set to open the ports of instances to the network, or no longer.
  case ports(open: Bool)
  /// It was moved to another stage, from which follows how its containers are made.
  case stage(Stage)

  /// The restart that brings it into effect.
  public var restart: PendingRestart {
    if case .settings(let restart) = self { restart } else { .hard }
  }

  /// What waits for what, in one sentence.
  public var text: String {
    switch self {
    case .settings(let restart): "Saved settings wait for a \(restart.rawValue) restart."
    case .ports(open: true): "Opening its ports to the network waits for a hard restart."
    case .ports(open: false): "Closing its ports to the network waits for a hard restart."
    case .stage(let stage):
      "What the stage \(stage.rawValue) changes in its containers waits for a hard restart."
    }
  }
}

/// What containers are made from beside the settings.
struct Circumstances: Sendable, Codable, Equatable {
  /// Whether ports bind to every address.
  var exposed: Bool
  /// What the instance is for.
  var stage: Stage
}

extension Instance {
  /// Everything that is wanted and not in effect yet; nothing before the first start.
  public var pendingChanges: [PendingChange] {
    var changes: [PendingChange] = []
    let restart = settings.restart(from: appliedSettings)
    if restart != .none { changes.append(.settings(restart)) }
    guard appliedSettings != nil, let applied = appliedCircumstances else { return changes }
    if applied.exposed != server.exposed { changes.append(.ports(open: server.exposed)) }
    if applied.stage != stage { changes.append(.stage(stage)) }
    return changes
  }

  /// Which restart brings everything into effect that is wanted.
  public var pendingRestart: PendingRestart {
    let restarts = pendingChanges.map(\.restart)
    return restarts.contains(.hard) ? .hard : restarts.first ?? .none
  }

  /// Whether its ports are open to the network now.
  public var portsAreOpen: Bool { circumstancesInEffect.exposed }

  /// The circumstances as they are wanted.
  var circumstances: Circumstances {
    get { Circumstances(exposed: server.exposed, stage: stage) }
    set {
      server.exposed = newValue.exposed
      stage = newValue.stage
    }
  }

  /// The circumstances under which its containers were made. A soft restart leaves them.
  var circumstancesInEffect: Circumstances { appliedCircumstances ?? circumstances }
}
