import Foundation

@testable import Hosting
@testable import Web

extension PlayedHosting {
  static let hostKey = PinnedHostKey(
    type: "ssh-ed25519", key: "AAAA", fingerprint: "SHA256:b3oqSNyXcCwlcFX0DRqh55iHUeFIxzBqdHjczOY7y3E")

  func server(_ reference: String, by actor: Actor) async throws -> Server {
    guard
      let server = state.withLock({ state in
        state.servers.first { $0.name == reference || $0.id.uuidString == reference }
      })
    else { throw HostingError.notFound("server", reference) }
    return server
  }

  func controlled(_ reference: String, by actor: Actor) async throws -> Server {
    let server = try await server(reference, by: actor)
    try actor.requireControl(of: server)
    return server
  }

  func hostKeys(of address: String, port: Int, by actor: Actor) async throws -> [PinnedHostKey] {
    count("hostKeys")
    var faults = Faults()
    _ = faults.target(address: address, port: port, user: "root")
    try faults.throwIfAny()
    return [Self.hostKey]
  }

  func addServer(_ wish: NewServer, by actor: Actor) async throws -> ChangedServer {
    try actor.requireAddingServers()
    let checked = try wish.checked()
    guard wish.hostKey == Self.hostKey.fingerprint else {
      throw HostingError.invalid([.init("hostKey", "Another key.")])
    }
    var server = Server(
      id: UUID(), name: checked.name, kind: .ssh, organisationID: actor.organisationID, sharedWith: [],
      address: checked.target.address,
      access: ServerAccess(
        port: checked.target.port, user: checked.target.user, hostKeys: [Self.hostKey],
        publicKey: "ssh-ed25519 AAAA odeum \(checked.name)"), exposed: wish.exposed, mode: .active,
      stagePolicy: checked.stagePolicy, note: checked.note, status: .unavailable,
      statusReason: "Was not validated yet.", facts: ServerFacts(), load: ServerLoad())
    (server.sharedFolders, server.filestoreFolders) = checked.folders
    let new = server
    change(.server(new.id)) { $0.servers.append(new) }
    guard wish.privateKey != nil || wish.password != nil else {
      return ChangedServer(server: new, notes: ["Put the key there."])
    }
    return ChangedServer(server: new, operation: validate(new, by: actor), notes: [])
  }

  static let validateSteps = ["Sign in", "Look at the machine", "Look at Docker"]

  /// Plays the validation of `server`: a step ends whenever it is asked for once more.
  private func validate(_ server: Server, by actor: Actor) -> Hosting.Operation {
    let id = UUID()
    let job = Hosting.Operation(
      id: id, kind: "server.validate", state: .running, instance: nil, instanceName: nil, server: server.id,
      serverName: server.name, requestedBy: actor.email, createdAt: Date(), startedAt: Date(),
      finishedAt: nil, reason: nil,
      steps: Self.validateSteps.map {
        .init(name: $0, state: .pending, startedAt: nil, finishedAt: nil, progress: nil, progressText: nil)
      })
    let (signals, signal) = AsyncStream.makeStream(of: Void.self)
    change(.server(server.id)) { state in
      state.operations.append(job)
      state.validations[server.id] = signal
    }
    Task {
      var signals = signals.makeAsyncIterator()
      for index in Self.validateSteps.indices {
        change(.operation(id, instance: nil)) { $0.edit(id) { $0.steps[index].state = .running } }
        guard await signals.next() != nil else { return }
        change(.operation(id, instance: nil)) { $0.edit(id) { $0.steps[index].state = .done } }
      }
      change(.operation(id, instance: nil)) { state in
        state.validations[server.id] = nil
        state.edit(id) { $0.state = .succeeded }
      }
    }
    return job
  }

  func editServer(
    _ reference: String, _ change: ServerChange, by actor: Actor
  ) async throws -> ChangedServer {
    let server = try await controlled(reference, by: actor)
    let new = try server.taking(change)
    self.change(.server(server.id)) { state in
      state.servers = state.servers.map { $0.id == server.id ? new : $0 }
    }
    return ChangedServer(server: new, notes: [])
  }

  func setMode(of reference: String, to mode: Server.Mode, by actor: Actor) async throws -> Server {
    var server = try await controlled(reference, by: actor)
    server.mode = mode
    let new = server
    change(.server(server.id)) { state in
      state.servers = state.servers.map { $0.id == new.id ? new : $0 }
    }
    return server
  }

  func validateServer(_ reference: String, by actor: Actor) async throws -> Hosting.Operation {
    let server = try await controlled(reference, by: actor)
    let (signal, job) = state.withLock { state in
      (state.validations[server.id], state.operations.last { $0.server == server.id })
    }
    guard let signal, let job else { throw HostingError(.conflict, "\(reference) has a job under way.") }
    signal.yield()
    return job
  }

  func prepareServer(_ reference: String, by actor: Actor) async throws -> Hosting.Operation {
    _ = try await controlled(reference, by: actor)
    throw HostingError(.conflict, "\(reference) has a job under way.")
  }

  func removeServer(_ reference: String, force: Bool, by actor: Actor) async throws {
    let server = try await controlled(reference, by: actor)
    guard server.kind == .ssh else { throw HostingError(.conflict, "\(server.name) stays.") }
    change(.server(server.id)) { state in state.servers.removeAll { $0.id == server.id } }
  }

  func suggestPlacement(
    _ demand: Placement.Demand, by actor: Actor
  ) async throws -> [Placement.Suggestion] {
    Placement(demand: demand, diskFloorMB: 5000).suggestions(try await servers(by: actor))
  }

  func operations(
    onServer reference: String, page: PageRequest, by actor: Actor
  ) async throws -> Page<Hosting.Operation> {
    let server = try await server(reference, by: actor)
    return Page(state.withLock { $0.operations }.filter { $0.server == server.id }, limit: page.limit) {
      $0.id.uuidString
    }
  }
}
