import Foundation
import Remote

/// A container as the engine knows it: the answer to `GET /containers/{id}/json`.
public struct Container: Sendable, Hashable, Identifiable {
  /// Its id, 64 hexadecimal digits.
  public var id: String
  /// Its name, without the slash that the engine puts in front.
  public var name: String
  /// Its labels, those of its image included.
  public var labels: [String: String]
  /// What it is doing.
  public var state: ContainerState
  /// The image's id, which does not change when the image's name moves on.
  public var imageID: String
  /// The image's name as given when the container was made.
  public var image: String
  /// When it was made.
  public var createdAt: Date?
  /// How often the engine has started it anew.
  public var restartCount: Int
  /// The program and arguments that run.
  public var command: [String]
  /// Environment variables, those of its image included. Any of them may be a password.
  public var environment: [String: Secret]
  /// The user it runs as; empty for root.
  public var user: String
  /// What is mounted inside.
  public var mounts: [Mount]
  /// The ports that are published now. Empty while it does not run.
  public var ports: [PortBinding]
  /// The ports that it was made to publish.
  public var configuredPorts: [PortBinding]
  /// The networks it is on, by their names.
  public var networks: [String: Endpoint]
  /// Its bounds.
  public var limits: ContainerLimits
  /// When the engine starts it anew.
  public var restartPolicy: RestartPolicy
  /// Whether its output is a terminal's, with stdout and stderr as one stream.
  public var hasTerminal: Bool

  /// A container's place on a network.
  public struct Endpoint: Sendable, Hashable {
    /// The network's id.
    public var networkID: String
    /// Its IPv4 address; `nil` while it does not run.
    public var address: String?
    /// Its IPv6 address, if it has one.
    public var ipv6Address: String?
    /// The names by which it is found there.
    public var aliases: [String]
  }
}

/// What a container is doing, and how it last ended.
public struct ContainerState: Sendable, Hashable {
  /// States of a container.
  public enum Status: String, Sendable {
    /// Made and never started.
    case created
    /// Runs.
    case running
    /// Frozen.
    case paused
    /// Ended, and about to be started anew by its restart policy.
    case restarting
    /// Being removed.
    case removing
    /// Ended.
    case exited
    /// Could not be removed whole.
    case dead

    /// Whether the engine holds it for ended, or never started, and will not start it by itself.
    public var isEnded: Bool { self == .created || self == .exited || self == .dead }
  }

  /// What it is doing.
  public var status: Status
  /// The status it last ended with; 0 as long as it never ended. 137 is SIGKILL, 143 SIGTERM.
  public var exitCode: Int
  /// Whether the kernel ended a process of it at its memory limit.
  public var oomKilled: Bool
  /// Why the engine could not start it, if it could not.
  public var error: String?
  /// The main process's id on the host while it runs.
  public var pid: Int?
  /// When it was last started.
  public var startedAt: Date?
  /// When it last ended.
  public var finishedAt: Date?
  /// What its health check says; `nil` if it has none.
  public var health: Health?

  /// Whether its main process is there (running or paused).
  public var isRunning: Bool { status == .running || status == .paused }

  /// What a health check says.
  public struct Health: Sendable, Hashable {
    /// States of health.
    public enum Status: String, Sendable {
      /// No check has succeeded yet, and failures do not count yet.
      case starting
      /// The last check succeeded.
      case healthy
      /// So many checks in a row failed as were set.
      case unhealthy
    }

    /// What the checks say.
    public var status: Status
    /// How many checks in a row have failed.
    public var failingStreak: Int
    /// What the last check wrote.
    public var lastOutput: String?
  }
}

/// A container in a list: the answer to `GET /containers/json`.
public struct ContainerSummary: Sendable, Hashable, Identifiable {
  /// Its id, 64 hexadecimal digits.
  public var id: String
  /// Its name.
  public var name: String
  /// Its labels.
  public var labels: [String: String]
  /// What it is doing.
  public var status: ContainerState.Status
  /// The state for people: "Up 2 hours (healthy)".
  public var statusText: String
  /// The image's name.
  public var image: String
  /// The image's id.
  public var imageID: String
  /// When it was made.
  public var createdAt: Date
}
