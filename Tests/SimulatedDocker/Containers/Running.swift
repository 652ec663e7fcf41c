import Docker
import Foundation
import NIOCore

extension EngineState {
  // MARK: Starting

  /// Returns whether it did not run before.
  mutating func start(_ reference: String) throws -> Bool {
    let container = try container(reference)
    guard !container.isRunning else { return false }
    for endpoint in container.networks where networks[endpoint.network] == nil {
      throw Refusal(404, "network \(endpoint.network) not found")
    }
    if isFull { throw Refusal(500, "failed to create task: no space left on device") }
    let ports: [SimulatedContainer.PublishedPort]
    do {
      ports = try publish(container)
    } catch let refusal as Refusal {
      containers[container.id]?.error = refusal.message
      containers[container.id]?.exitStatus = 128
      throw refusal
    }
    containers[container.id]?.isStoppedByHand = false
    containers[container.id]?.isEndUnwritten = false
    containers[container.id]?.restartCount = 0
    containers[container.id]?.failuresInARow = 0
    begin(container.id, ports)
    return true
  }

  private mutating func publish(_ container: SimulatedContainer) throws -> [SimulatedContainer.PublishedPort]
  {
    var taken = Dictionary(
      containers.values.filter(\.isRunning).flatMap(\.ports).map { ($0.port, true) },
      uniquingKeysWith: { first, _ in first })
    var ports: [SimulatedContainer.PublishedPort] = []
    for (key, ends) in (container.host.PortBindings ?? [:]).sorted(by: { $0.key < $1.key }) {
      for end in ends {
        var port = Int(end.HostPort) ?? 0
        if port == 0 {
          port = 32_768
          while taken[port] != nil || foreignPorts.contains(port) { port += 1 }
        }
        let failure =
          "driver failed programming external connectivity on endpoint \(container.name) (\(container.id)): "
        let isLost = lostPorts[port, default: 0] > 0
        if isLost { lostPorts[port, default: 0] -= 1 }
        if isLost || taken[port] != nil {
          throw Refusal(500, failure + "Bind for \(end.HostIp):\(port) failed: port is already allocated")
        }
        if foreignPorts.contains(port) || hiddenPorts.contains(port) {
          throw Refusal(
            500,
            failure
              + "failed to bind host port for \(end.HostIp):\(port): listen tcp4 \(end.HostIp):\(port): bind: "
              + "address already in use")
        }
        taken[port] = true
        ports.append(.init(key: key, address: end.HostIp, port: port))
      }
    }
    return ports
  }

  private mutating func begin(_ id: String, _ ports: [SimulatedContainer.PublishedPort]) {
    guard var container = containers[id] else { return }
    let now = Date()
    container.status = .running
    container.run += 1
    container.startedAt = now
    container.error = ""
    container.exitStatus = 0
    container.ports = ports
    container.program = programs.program(of: container.view(now: now), volumes: volumes(of: container))
    containers[id] = container
    let run = container.run
    let writings = container.program.writings.sorted { $0.after < $1.after }
    for writing in writings where writing.after == .zero { write(writing, to: id, run: run) }
    tell("start", of: container)
    goOn(writings.drop { $0.after == .zero }, spent: .zero, id, run: run)
  }

  /// What a program does in the time after `spent`, one after the other: what it writes last, it writes before it ends.
  private mutating func goOn(
    _ writings: ArraySlice<SimulatedProgram.Writing>, spent: Duration, _ id: String, run: Int
  ) {
    let end = containers[id]?.program.end
    if let next = writings.first, end.map({ next.after <= $0.after }) ?? true {
      schedule(next.after - spent) { state in
        state.write(next, to: id, run: run)
        state.goOn(writings.dropFirst(), spent: next.after, id, run: run)
      }
    } else if let end {
      schedule(end.after - spent) { state in
        guard let container = state.containers[id], container.run == run, container.isRunning else { return }
        if end.status == 0, let effect = container.program.effect {
          var access = state.volumes(of: container)
          effect(&access)
          state.keep(access, of: container)
        }
        state.ended(id, run: run, status: end.status)
      }
    }
  }

  // MARK: Ending

  /// The run of a container is over: its policy decides what comes then.
  mutating func ended(_ id: String, run: Int, status: Int) {
    guard var container = containers[id], container.run == run, container.isRunning else { return }
    let now = Date()
    let lasted = now.timeIntervalSince(container.startedAt ?? now)
    container.status = .exited
    container.exitStatus = status
    container.finishedAt = now
    container.ports = []
    // moby/restartmanager: a run of more than 10 s begins the count of the pauses anew.
    container.failuresInARow = lasted > 10 ? 0 : container.failuresInARow + 1
    let starts = container.isStartedAnew(after: status)
    if starts { container.status = .restarting }
    container.isEndUnwritten = isFull && !starts
    containers[id] = container
    tell("die", of: container, ["exitCode": String(status)])
    for (_, feed) in (waiters.removeValue(forKey: id) ?? [:]).sorted(by: { $0.key < $1.key }) {
      feed.yield(Self.waitResult(status))
      finish(feed)
    }
    if !starts {
      for (_, follower) in followers.removeValue(forKey: id) ?? [:] { finish(follower.feed) }
    }
    if container.host.AutoRemove == true, !starts {
      try? remove(id, force: true, volumes: true)
      return
    }
    guard starts else { return }
    let pause = Duration.milliseconds(100 * (1 << min(container.failuresInARow, 9)))
    schedule(min(pause, .seconds(60))) { $0.startAnew(id, run: run) }
  }

  mutating func startAnew(_ id: String, run: Int) {
    guard isUp, let container = containers[id], container.run == run, container.status == .restarting else {
      return
    }
    guard let ports = try? publish(container) else {
      containers[id]?.status = .exited
      return
    }
    containers[id]?.restartCount += 1
    begin(id, ports)
  }

  /// Sends a signal to the first program of a container that runs.
  mutating func signal(_ name: String, _ id: String) {
    guard let container = containers[id], container.isRunning else { return }
    let signal = name.hasPrefix("SIG") ? name : "SIG" + name
    let run = container.run
    tell("kill", of: container, ["signal": signal])
    if signal == "SIGKILL" || signal == "SIG9" { return ended(id, run: run, status: 137) }
    guard case .ends(let status, let delay) = container.program.reactions[signal] ?? .none else { return }
    if delay == .zero { return ended(id, run: run, status: status) }
    schedule(delay) { $0.ended(id, run: run, status: status) }
  }

  /// Sends a signal that somebody asked for: whoever kills a container does not want it to be started anew.
  mutating func kill(_ reference: String, _ signal: String) throws {
    let container = try container(reference)
    guard container.isRunning else { throw Refusal(409, "Container \(container.id) is not running") }
    if signal == "SIGKILL" { containers[container.id]?.isStoppedByHand = true }
    self.signal(signal, container.id)
  }

  /// Asks a container to stop, and kills it after `patience`. Returns whether there was anything to stop.
  mutating func stop(_ reference: String, patience: Duration, signal: String?) throws -> Bool {
    let container = try container(reference)
    containers[container.id]?.isStoppedByHand = true
    if container.status == .restarting {
      containers[container.id]?.status = .exited
      return true
    }
    guard container.isRunning else { return false }
    let run = container.run
    self.signal(signal ?? container.stopSignal, container.id)
    if containers[container.id]?.isRunning == true {
      schedule(patience) { $0.ended(container.id, run: run, status: 137) }
    }
    return true
  }

  // MARK: Waiting

  static func waitResult(_ status: Int) -> ByteBuffer {
    let json: JSON = ["StatusCode": .number(status)]
    return ByteBuffer(bytes: json.bytes + [UInt8(ascii: "\n")])
  }

  /// Tells `feed` when the container does not run any more.
  mutating func wait(_ reference: String, _ feed: Feed) throws {
    let container = try container(reference)
    guard container.isRunning || container.status == .restarting else {
      feed.yield(Self.waitResult(container.exitStatus))
      return finish(feed)
    }
    waiters[container.id, default: [:]][feed.number] = feed
  }
}

extension SimulatedContainer {
  /// Whether its policy starts it when the daemon is there again.
  var isRevived: Bool { isStartedAnew(after: exitStatus) }

  /// Whether its policy starts it after it has ended with `status`.
  fileprivate func isStartedAnew(after status: Int) -> Bool {
    guard !isStoppedByHand else { return false }
    switch host.RestartPolicy?.Name {
    case "always", "unless-stopped": return true
    case "on-failure":
      let maximum = host.RestartPolicy?.MaximumRetryCount ?? 0
      return status != 0 && (maximum == 0 || restartCount < maximum)
    default: return false
    }
  }
}
