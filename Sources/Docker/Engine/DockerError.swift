import Foundation
import Remote

/// Why the engine did not do what it was asked.
public enum DockerError: Error, Hashable, Sendable {
  /// Nothing answers at the socket: the engine is not installed, does not run, or is just starting.
  case unreachable(socket: String, reason: String)
  /// The socket may not be opened by the user that this program runs as.
  case permissionDenied(socket: String)
  /// The engine is older than what is needed.
  case tooOld(engineVersion: String, apiVersion: String, needed: String)
  /// The engine no longer speaks an API version that this program knows.
  case tooNew(engineVersion: String, minimumAPIVersion: String, known: String)
  /// There is no such thing.
  case notFound(what: Kind, name: String)
  /// The name is taken by another one of its kind.
  case nameInUse(what: Kind, name: String, message: String)
  /// It is in use and cannot be removed or changed now.
  case inUse(what: Kind, name: String, message: String)
  /// The container does not run, so that nothing can be run in it.
  case notRunning(container: String, message: String)
  /// The port is taken on the host. `port` is `nil` where the engine's message does not name it.
  case portInUse(port: Int?, message: String)
  /// The container cannot be on its network, where an endpoint of its name is left that no container has
  /// (``DockerEngine/removeNetwork(_:)``).
  case ghostEndpoint(name: String, network: String, message: String)
  /// The address range wanted for a network overlaps with that of another one.
  case rangeTaken(message: String)
  /// The image is not on the host, or not in the registry.
  case imageNotFound(reference: String, message: String)
  /// The registry did not answer.
  case registryUnreachable(reference: String, message: String)
  /// The registry refused: sign-in needed, no right, or too many requests (`again` is then true).
  case registryRefused(reference: String, message: String, again: Bool)
  /// The host's disk is full.
  case noSpace(message: String)
  /// The image could not be built; `message` is what its failing step said.
  case buildFailed(message: String)
  /// The engine took longer than it may. It may still do what it was asked.
  case timedOut(endpoint: String, after: Duration)
  /// The connection ended in the middle of an answer: the engine stopped or was restarted.
  case cutOff(endpoint: String)
  /// More output came than the caller wanted.
  case tooMuchOutput(endpoint: String, limit: Int)
  /// The name or value cannot be right; the engine was not asked.
  case invalid(what: Kind, name: String, reason: String)
  /// The engine's answer was not of the form that its API promises.
  case unexpectedAnswer(endpoint: String, detail: String)
  /// The engine refused for a reason that has no case of its own.
  case api(status: Int, message: String, endpoint: String)

  /// The kinds of things that an engine has.
  public enum Kind: String, Sendable {
    /// A container.
    case container
    /// An image.
    case image
    /// A network.
    case network
    /// A volume.
    case volume
    /// A program started in a running container.
    case exec
    /// A path inside a container.
    case path
    /// An archive.
    case archive
  }
}

extension DockerError: CustomStringConvertible, LocalizedError {
  /// What happened and where.
  public var message: String {
    switch self {
    case .unreachable(let socket, let reason):
      "The Docker engine does not answer at \(socket): \(reason)."
    case .permissionDenied(let socket):
      "The Docker engine's socket \(socket) may not be opened by the user that Odeum runs as."
    case .tooOld(let version, let api, let needed):
      "The Docker engine \(version) is too old: it speaks API \(api), and \(needed) is needed."
    case .tooNew(let version, let minimum, let known):
      "The Docker engine \(version) speaks API \(minimum) or later, and this Odeum knows up to \(known)."
    case .notFound(let what, let name):
      "There is no \(what.rawValue) \(name)."
    case .nameInUse(let what, let name, _):
      "There is already a \(what.rawValue) with the name \(name)."
    case .inUse(let what, let name, let message):
      "The \(what.rawValue) \(name) is in use: \(message)"
    case .notRunning(let container, let message):
      "The container \(container) does not run: \(message)"
    case .portInUse(let port?, _):
      "Port \(port) is already in use on the host."
    case .portInUse(nil, let message):
      "A port is already in use on the host: \(message)"
    case .ghostEndpoint(_, let network, let message):
      "An endpoint of a container that is gone was left on the network \(network): \(message)"
    case .rangeTaken(let message):
      "The address range is taken: \(message)"
    case .imageNotFound(let reference, let message):
      "There is no image \(reference): \(message)"
    case .registryUnreachable(let reference, let message):
      "The registry of \(reference) does not answer: \(message)"
    case .registryRefused(let reference, let message, _):
      "The registry of \(reference) refused: \(message)"
    case .noSpace(let message):
      "The host's disk is full: \(message)"
    case .buildFailed(let message):
      "The image could not be built: \(message)"
    case .timedOut(let endpoint, let after):
      "The Docker engine did not answer \(endpoint) within \(after.formatted)."
    case .cutOff(let endpoint):
      "The Docker engine ended the connection in the middle of \(endpoint)."
    case .tooMuchOutput(let endpoint, let limit):
      "\(endpoint) gave more than \(limit) bytes."
    case .invalid(let what, let name, let reason):
      "\(String(reflecting: name)) cannot be a \(what.rawValue): \(reason)."
    case .unexpectedAnswer(let endpoint, let detail):
      "The Docker engine's answer to \(endpoint) could not be read: \(detail)"
    case .api(let status, let message, let endpoint):
      "The Docker engine refused \(endpoint) with status \(status): \(message)"
    }
  }

  /// What to do about it.
  public var suggestion: String {
    switch self {
    case .unreachable:
      "Start it with “systemctl start docker” and look at “journalctl -u docker” if it does not stay up."
    case .permissionDenied:
      "Add the user to the group docker with “usermod -aG docker USER” and start Odeum anew."
    case .tooOld:
      "Install Docker Engine 20.10 or later on the host."
    case .tooNew:
      "Install a later version of Odeum, or an earlier one of Docker."
    case .notFound:
      "It may have been removed by hand: refresh and try again."
    case .nameInUse(let what, let name, _):
      "Look at it with “docker \(what.rawValue) inspect \(name)”, and remove or rename it."
    case .inUse:
      "Stop or remove what uses it, then try again."
    case .notRunning(let container, _):
      "Start it; if it does not stay up, “docker logs \(container)” tells why."
    case .portInUse(let port?, _):
      "Choose another port, or end what listens there: “ss -ltnp sport = :\(port)” names it."
    case .portInUse(nil, _):
      "Choose another port, or end what listens there: “ss -ltnp” names it."
    case .ghostEndpoint(let name, let network, _):
      "Remove the container, then the endpoint with “docker network disconnect --force \(network) \(name)”."
    case .rangeTaken:
      "Choose another range: “docker network inspect” and “ip route” tell of those that are taken."
    case .imageNotFound:
      "Check the image's name and tag, or build the image on the host."
    case .registryUnreachable:
      "Check the host's network, its name server and its proxy, then try again."
    case .registryRefused(_, _, let again):
      again
        ? "Wait and try again, or sign in to the registry."
        : "Check the image's name, or sign in to the registry."
    case .noSpace:
      "Free space on the host: “docker system df” shows what Docker holds, “df -h” what is full."
    case .buildFailed:
      "Read the build's log, mend the packages or the Dockerfile, then build again."
    case .timedOut:
      "Look at the host's load and disk, and at “journalctl -u docker”, then try again."
    case .cutOff:
      "Look at “journalctl -u docker” on the host; the work goes on when it is tried again."
    case .tooMuchOutput:
      "Run the command by hand to see what it writes."
    case .invalid:
      "Correct it."
    case .unexpectedAnswer:
      "Report it, with the version that “docker version” shows."
    case .api:
      "Look at “journalctl -u docker” on the host for more."
    }
  }

  /// Whether the same call may well succeed later without anybody mending anything.
  public var isTransient: Bool {
    switch self {
    case .unreachable, .timedOut, .cutOff, .registryUnreachable: true
    case .registryRefused(_, _, let again): again
    case .api(let status, _, _): status == 503 || status == 502
    default: false
    }
  }

  /// The message and the suggestion.
  public var description: String {
    // A message may end with the engine's own words, which have no full stop.
    message + (message.hasSuffix(".") ? " " : ". ") + suggestion
  }
  /// The message and the suggestion.
  public var errorDescription: String? { description }
}
