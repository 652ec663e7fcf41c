extension DockerEngine {
  /// Makes a bridge network.
  ///
  /// - Parameters:
  ///   - internal: whether it has no way out of the host.
  ///   - subnet: its addresses, such as "172.30.0.0/24"; nil for a range that the engine chooses.
  /// - Returns: its id.
  /// - Throws: `DockerError.nameInUse` if there is one of this name, `DockerError.rangeTaken`, and others.
  public func createNetwork(
    _ name: String, labels: [String: String] = [:], internal isInternal: Bool = false, subnet: String? = nil
  ) async throws -> String {
    let name = try Reference.name(name, of: .network)
    // Without CheckDuplicate, engines below API 1.44 make a second network of the same name.
    let body = JSONValue.members([
      "Name": .string(name), "Driver": "bridge", "CheckDuplicate": true, "Internal": .bool(isInternal),
      "Labels": .strings(labels),
      "IPAM": subnet.map { .members(["Config": .array([.strings(["Subnet": $0])])]) },
    ])
    let created: CreatedNetwork = try await connection.read(
      EngineCall(
        .POST, "/networks/create", body: .json(body), about: CallSubject(kind: .network, name: name)))
    return created.id
  }

  /// The network, by id or name; `nil` if there is none.
  public func network(_ reference: String) async throws -> Network? {
    let name = try Reference.name(reference, of: .network)
    return try await connection.find(EngineCall(.GET, "/networks/\(name)"))
  }

  /// The networks that have all of `labels`; a label with a `nil` value may have any.
  public func networks(labels: [String: String?] = [:]) async throws -> [Network] {
    try await connection.read(
      EngineCall(.GET, "/networks", query: ["filters": try filters(labels: labels)]))
  }

  /// Removes the network, if there is one, with the ghosts on it.
  ///
  /// - Throws: `DockerError.inUse` while containers that run are on it, and others.
  public func removeNetwork(_ reference: String) async throws {
    let name = try Reference.name(reference, of: .network)
    let call = EngineCall(.DELETE, "/networks/\(name)", about: CallSubject(kind: .network, name: reference))
    do {
      try await connection.send(call, accepting: [404])
    } catch DockerError.inUse {
      for ghost in try await ghosts(on: name) { try await disconnect(ghost, from: name) }
      try await connection.send(call, accepting: [404])
    }
  }

  /// The names of endpoints on a network that no container has. A container that ends while dockerd starts is never
  /// taken off its network; removed later, it leaves its endpoint under its id. One that dockerd is killed over
  /// leaves it under none (moby 33156, docker/cli 1891; both seen with 20.10.24).
  private func ghosts(on name: String) async throws -> [String] {
    var ghosts: [String] = []
    for endpoint in try await network(name)?.endpoints ?? [] {
      if let id = endpoint.containerID, try await container(id) != nil { continue }
      ghosts.append(endpoint.name)
    }
    return ghosts
  }

  /// Puts a container on a network. Succeeds if it is on it already.
  public func connect(_ container: String, to attachment: NetworkAttachment) async throws {
    let container = try Reference.name(container, of: .container)
    let network = try Reference.name(attachment.network, of: .network)
    let call = EngineCall(
      .POST, "/networks/\(network)/connect",
      body: .json(.members(["Container": .string(container), "EndpointConfig": attachment.json])),
      about: CallSubject(kind: .network, name: network))
    let answer = try await connection.answer(to: call)
    guard !answer.isSuccess, !answer.message.contains("already exists in network") else { return }
    throw DockerError(
      status: answer.status, message: answer.message, endpoint: call.endpoint, subject: call.subject)
  }

  /// Takes a container off a network, or a ghost of the name `container` where there is no container of that name.
  /// Succeeds if it is not on it, or if either is gone.
  public func disconnect(_ container: String, from network: String) async throws {
    let container = try Reference.name(container, of: .container)
    let network = try Reference.name(network, of: .network)
    let call = EngineCall(
      .POST, "/networks/\(network)/disconnect",
      body: .json(.members(["Container": .string(container), "Force": true])),
      about: CallSubject(kind: .network, name: network))
    let answer = try await connection.answer(to: call)
    guard !answer.isSuccess, answer.status != 404, !answer.message.contains("is not connected to") else {
      return
    }
    throw DockerError(
      status: answer.status, message: answer.message, endpoint: call.endpoint, subject: call.subject)
  }
}

private struct CreatedNetwork: Decodable {
  let id: String
  init(from decoder: any Decoder) throws { id = try EngineFields(decoder).value("Id") }
}
