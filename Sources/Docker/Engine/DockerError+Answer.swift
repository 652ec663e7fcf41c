import Foundation

/// What a call is about, so that a refusal can be named.
struct CallSubject: Sendable, Hashable {
  var kind: DockerError.Kind
  var name: String
}

extension DockerError {
  /// The error that an answer of this status and message stands for.
  ///
  /// The engine's statuses are coarse (500 for a taken port, 409 for a taken name and for a stopped container), so
  /// its messages decide. They are those of moby 20.10 to 28, which share these parts.
  init(status: Int, message: String, endpoint: String, subject: CallSubject?) {
    let lowered = message.lowercased()
    func says(_ parts: String...) -> Bool { parts.contains { lowered.contains($0) } }
    if says("no space left on device") {
      self = .noSpace(message: message)
    } else if says("port is already allocated", "address already in use", "failed to bind host port") {
      self = .portInUse(port: Self.port(in: message), message: message)
    } else if let match = message.firstMatch(
      of: #/endpoint with name (?<name>\S+) already exists in network (?<network>[^\s"]+)/#)
    {
      self = .ghostEndpoint(name: String(match.name), network: String(match.network), message: message)
    } else if subject?.kind == .network, says("overlap") {
      self = .rangeTaken(message: message)
    } else if says("no such image") {
      self = .imageNotFound(reference: subject?.name ?? "", message: message)
    } else if let subject {
      switch (status, subject.kind) {
      case (404, .exec):
        // Whoever asks has made it just before: an engine that was ended since knows none of them any more.
        self = .cutOff(endpoint: endpoint)
      case (404, _):
        self = .notFound(what: subject.kind, name: subject.name)
      case (409, _) where says("is already in use by container", "already exists"):
        self = .nameInUse(what: subject.kind, name: subject.name, message: message)
      case (409, .volume), (409, .image), (409, .container), (403, .network):
        self = .inUse(what: subject.kind, name: subject.name, message: message)
      default:
        self = .api(status: status, message: message, endpoint: endpoint)
      }
    } else {
      self = .api(status: status, message: message, endpoint: endpoint)
    }
  }

  /// The error that a message about pulling `reference` stands for.
  init(pulling reference: String, message: String) {
    let lowered = message.lowercased()
    func says(_ parts: String...) -> Bool { parts.contains { lowered.contains($0) } }
    if says("no space left on device") {
      self = .noSpace(message: message)
    } else if says("toomanyrequests", "too many requests", "rate limit") {
      self = .registryRefused(reference: reference, message: message, again: true)
    } else if says("unauthorized", "no basic auth credentials", "authentication required", "denied: ") {
      self = .registryRefused(reference: reference, message: message, again: false)
    } else if says(
      "not found", "manifest unknown", "pull access denied", "does not exist", "no matching manifest")
    {
      // Docker Hub does not say whether an image is private or absent.
      self = .imageNotFound(reference: reference, message: message)
    } else {
      self = .registryUnreachable(reference: reference, message: message)
    }
  }

  /// Whether a container could not be started since something of an earlier start runs in it, of which the engine knows
  /// nothing: it was ended in the middle of that start.
  public var saysThatItRunsUnknown: Bool {
    if case .api(_, "id already in use", _) = self { true } else { false }
  }

  /// Whether a container could not be started since containerd keeps the end of an earlier run under its id, which the
  /// engine has forgotten. No container of another id is concerned.
  public var saysThatARunIsLeft: Bool {
    if case .api(_, let message, _) = self {
      message.contains(/task [0-9a-f]+: already exists/)
    } else {
      false
    }
  }

  /// The port that stands in the engine's own list of those which containers have; nil where another program has it,
  /// or the error is another one.
  public var portInEnginesList: Int? {
    guard case .portInUse(let port, let message) = self, message.contains("port is already allocated") else {
      return nil
    }
    return port
  }

  /// The port in messages such as "Bind for 0.0.0.0:8069 failed: port is already allocated" or "listen tcp4
  /// 127.0.0.1:8069: bind: address already in use".
  private static func port(in message: String) -> Int? {
    for match in message.matches(of: /(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]*\]):(\d{1,5})/) {
      if let port = Int(match.1), port > 0 { return port }
    }
    return nil
  }
}
