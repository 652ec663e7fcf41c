import NIOCore
import Remote

extension DockerEngine {
  // MARK: Looking

  /// The container, by id or name; `nil` if there is none.
  public func container(_ reference: String) async throws -> Container? {
    let name = try Reference.name(reference, of: .container)
    return try await connection.find(EngineCall(.GET, "/containers/\(name)/json"))
  }

  /// The containers that have all of `labels`; a label with a `nil` value may have any.
  ///
  /// - Parameter all: whether also those that do not run.
  public func containers(labels: [String: String?] = [:], all: Bool = true) async throws -> [ContainerSummary]
  {
    try await connection.read(try listing(labels, all: all))
  }

  /// As `containers(labels:all:)`, with a mark of the answer. Where the engine answers word for word as it did when
  /// it was given `mark`, that is not read again, and the result is `nil`.
  public func containers(labels: [String: String?], unlessAs mark: ListMark?) async throws -> (
    containers: [ContainerSummary], mark: ListMark
  )? {
    let call = try listing(labels, all: true)
    let answer = try await connection.send(call)
    let new = ListMark(of: answer.body)
    return new == mark ? nil : (try answer.decode([ContainerSummary].self, from: call.endpoint), new)
  }

  /// The containers that run and have `port` of the host.
  public func containers(publishing port: Int) async throws -> [ContainerSummary] {
    let filters = try filters(labels: [:], more: ["publish": [String(port)]])
    return try await connection.read(EngineCall(.GET, "/containers/json", query: ["filters": filters]))
  }

  private func listing(_ labels: [String: String?], all: Bool) throws -> EngineCall {
    EngineCall(.GET, "/containers/json", query: ["all": String(all), "filters": try filters(labels: labels)])
  }

  // MARK: Making and removing

  /// Makes a container and joins it to its networks. It does not run yet.
  ///
  /// - Returns: its id.
  /// - Throws: `DockerError.nameInUse`, `.imageNotFound`, `.notFound` for a network, and others; nothing is left of
  ///   it then.
  public func createContainer(_ name: String, _ spec: ContainerSpec) async throws -> String {
    let name = try Reference.name(name, of: .container)
    // The engine would notice only at the start.
    for attachment in spec.networks where try await network(attachment.network) == nil {
      throw DockerError.notFound(what: .network, name: attachment.network)
    }
    let created: CreatedContainer
    do {
      created = try await connection.read(
        EngineCall(
          .POST, "/containers/create", query: ["name": name], body: .json(try spec.json()),
          about: CallSubject(kind: .container, name: name), timeout: .seconds(120)))
    } catch DockerError.imageNotFound(_, let message) {
      throw DockerError.imageNotFound(reference: spec.image, message: message)
    }
    do {
      // Engines below API 1.44 take one network only when a container is made.
      for attachment in spec.networks.dropFirst() {
        try await connect(created.id, to: attachment)
      }
    } catch {
      // Not under our own cancellation: half a container would keep the name.
      try? await Task { try await remove(created.id, force: true) }.value
      throw error
    }
    return created.id
  }

  /// Removes the container, if there is one, and with it those of its volumes that have no name: an image asks for
  /// some, and nobody would find them again.
  ///
  /// - Parameter force: whether it is killed if it runs. Without, a running one is `DockerError.inUse`.
  public func remove(_ reference: String, force: Bool = false) async throws {
    let name = try Reference.name(reference, of: .container)
    let call = EngineCall(
      .DELETE, "/containers/\(name)", query: ["force": String(force), "v": "true"],
      about: CallSubject(kind: .container, name: reference), timeout: .seconds(120))
    let answer = try await connection.send(call, accepting: [404, 409])
    guard answer.status == 409 else { return }
    guard answer.message.contains("already in progress") else {
      throw DockerError.inUse(what: .container, name: reference, message: answer.message)
    }
    try await awaitRemoval(of: name, within: call.timeout)
  }

  /// Waits until a removal that somebody else began is done.
  private func awaitRemoval(of name: String, within limit: Duration) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while try await container(name) != nil {
      guard clock.now < end else {
        throw DockerError.timedOut(endpoint: "DELETE /containers/\(name)", after: limit)
      }
      try await clock.sleep(for: .milliseconds(50))
    }
  }

  /// Gives the container another name. Succeeds if it has that name already.
  public func rename(_ reference: String, to newName: String) async throws {
    let name = try Reference.name(reference, of: .container)
    let newName = try Reference.name(newName, of: .container)
    if try await container(name)?.name == newName { return }
    try await connection.send(
      EngineCall(
        .POST, "/containers/\(name)/rename", query: ["name": newName],
        about: CallSubject(kind: .container, name: newName)))
  }

  // MARK: Running

  /// Starts the container, if it does not run.
  ///
  /// - Throws: `DockerError.portInUse` if a port of it is taken on the host, and others.
  public func start(_ reference: String) async throws {
    try await act("start", on: reference, timeout: .seconds(120), accepting: [304])
  }

  /// Stops the container, if it runs: asks it by its signal, and kills it when the time-out is over.
  ///
  /// - Parameters:
  ///   - timeout: how long it may take to stop by itself; whole seconds.
  ///   - signal: the signal that asks it, such as "SIGINT"; `nil` takes the container's own.
  public func stop(_ reference: String, timeout: Duration = .seconds(10), signal: String? = nil) async throws
  {
    let limit = timeout + .seconds(60)
    guard let signal, try await connection.version() < APIVersion(major: 1, minor: 42) else {
      return try await act(
        "stop", on: reference, query: ["t": String(timeout.wholeSeconds), "signal": signal], timeout: limit,
        accepting: [304, 404])
    }
    // Before API 1.42 a stop always sends the container's own signal, so this one is sent first.
    try await kill(reference, signal: signal)
    do {
      _ = try await withDeadline(timeout) { try await wait(reference) }
    } catch is DeadlineExceeded {
      try await kill(reference)
      _ = try await withDeadline(.seconds(60)) { try await wait(reference) }
    } catch DockerError.notFound {
      return
    }
    // Whatever its restart policy does with a container that was killed, one that was stopped stays stopped.
    try await act("stop", on: reference, query: ["t": "0"], timeout: limit, accepting: [304, 404])
  }

  /// Sends a signal to the container's main process, if it runs.
  public func kill(_ reference: String, signal: String = "SIGKILL") async throws {
    try await act(
      "kill", on: reference, query: ["signal": signal], timeout: .seconds(60), accepting: [404, 409])
  }

  /// Stops the container and starts it again; starts it if it does not run.
  public func restart(_ reference: String, timeout: Duration = .seconds(10)) async throws {
    try await act(
      "restart", on: reference, query: ["t": String(timeout.wholeSeconds)], timeout: timeout + .seconds(120))
  }

  /// Waits until the container does not run, for as long as it takes, and gives the status it ended with.
  public func wait(_ reference: String) async throws -> Int {
    let name = try Reference.name(reference, of: .container)
    let results = connection.stream {
      let call = EngineCall(
        .POST, "/containers/\(name)/wait", about: CallSubject(kind: .container, name: reference))
      return (call, JSONLines(endpoint: call.endpoint) { (result: WaitResult) in result })
    }
    for try await result in results {
      if let error = result.error {
        throw DockerError.api(status: 200, message: error, endpoint: "POST /containers/\(name)/wait")
      }
      return result.statusCode
    }
    throw DockerError.cutOff(endpoint: "POST /containers/\(name)/wait")
  }

  /// Changes the container's bounds and, if given, its restart policy, while it runs or not. Bounds that are `nil`
  /// stay as they are.
  ///
  /// - Returns: what the engine warns about, such as a kernel without a limit.
  @discardableResult
  public func update(_ reference: String, _ limits: ContainerLimits, restartPolicy: RestartPolicy? = nil)
    async throws -> [String]
  {
    let name = try Reference.name(reference, of: .container)
    var members = limits.members
    members["RestartPolicy"] = restartPolicy?.json
    let call = EngineCall(
      .POST, "/containers/\(name)/update", body: .json(.object(members)),
      about: CallSubject(kind: .container, name: reference))
    return try await connection.read(call, as: Warnings.self).warnings
  }

  private func act(
    _ action: String, on reference: String, query: KeyValuePairs<String, String?> = [:], timeout: Duration,
    accepting: Set<Int> = []
  ) async throws {
    let name = try Reference.name(reference, of: .container)
    try await connection.send(
      EngineCall(
        .POST, "/containers/\(name)/\(action)", query: query,
        about: CallSubject(kind: .container, name: reference), timeout: timeout), accepting: accepting)
  }

  /// The query that selects what has all of `labels`.
  func filters(labels: [String: String?], more: [String: [String]] = [:]) throws -> String {
    var filters = more.mapValues { JSONValue.strings($0) }
    if !labels.isEmpty {
      filters["label"] = .strings(
        labels.sorted { $0.key < $1.key }.map { key, value in value.map { "\(key)=\($0)" } ?? key })
    }
    return try JSONValue.object(filters).text()
  }
}

/// Tells answers of one process apart that differ in anything.
public struct ListMark: Sendable, Hashable {
  private let size: Int
  private let hash: Int

  init(of bytes: ByteBuffer) {
    size = bytes.readableBytes
    var hasher = Hasher()
    bytes.withUnsafeReadableBytes { hasher.combine(bytes: $0) }
    hash = hasher.finalize()
  }
}

private struct CreatedContainer: Decodable {
  let id: String
  init(from decoder: any Decoder) throws { id = try EngineFields(decoder).value("Id") }
}

private struct Warnings: Decodable {
  let warnings: [String]
  init(from decoder: any Decoder) throws { warnings = try EngineFields(decoder).list("Warnings") }
}

private struct WaitResult: Decodable, Sendable {
  let statusCode: Int
  let error: String?
  init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    statusCode = try fields.value("StatusCode")
    error = try fields.object("Error")?.text("Message")
  }
}
