import Remote

extension ContainerSpec {
  /// The body of `POST /containers/create`.
  ///
  /// - Throws: `DockerError.invalid` for a word that JSON cannot carry.
  func json() throws(DockerError) -> JSONValue {
    var ports: [String: JSONValue] = [:]
    for binding in portBindings { ports[binding.key] = .object([:]) }
    var members: [String: JSONValue] = ["Image": .string(image)]
    members["Entrypoint"] = try entrypoint?.json()
    members["Cmd"] = try command?.json()
    members["Env"] = environment.isEmpty ? nil : try environment.json()
    members["Labels"] = .strings(labels)
    members["User"] = user.map { .string($0) }
    members["Hostname"] = hostname.map { .string($0) }
    members["WorkingDir"] = workingDirectory.map { .string($0) }
    members["ExposedPorts"] = ports.isEmpty ? nil : .object(ports)
    members["StopSignal"] = stopSignal.map { .string($0) }
    members["StopTimeout"] = stopTimeout.map { .number($0.wholeSeconds) }
    members["Healthcheck"] = try healthcheck?.json()
    members["HostConfig"] = hostConfig()
    if let first = networks.first {
      members["NetworkingConfig"] = .members(["EndpointsConfig": .object([first.network: first.json])])
    }
    return .object(members)
  }

  private func hostConfig() -> JSONValue {
    var bindings: [String: [JSONValue]] = [:]
    for binding in portBindings { bindings[binding.key, default: []].append(binding.json) }
    var members: [String: JSONValue] = limits.members
    // With no network named, the engine would choose its default bridge, on which all containers see each other.
    members["NetworkMode"] = .string(usesHostNetwork ? "host" : networks.first?.network ?? "none")
    members["PortBindings"] = bindings.isEmpty ? nil : .object(bindings.mapValues { .array($0) })
    members["ExtraHosts"] =
      extraHosts.isEmpty
      ? nil : .strings(extraHosts.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" })
    members["Mounts"] = mounts.isEmpty ? nil : .array(mounts.map(\.json))
    members["ShmSize"] = shmSize.map { .number($0) }
    members["Ulimits"] =
      ulimits.isEmpty
      ? nil
      : .array(
        ulimits.sorted { $0.key < $1.key }.map { name, limit in
          .members(["Name": .string(name), "Soft": .number(limit), "Hard": .number(limit)])
        })
    members["RestartPolicy"] = restartPolicy.json
    members["LogConfig"] = .members(["Type": .string(logging.driver), "Config": .strings(logging.options)])
    members["Init"] = usesInit ? true : nil
    members["AutoRemove"] = removesItself ? true : nil
    members["ReadonlyRootfs"] = isReadOnly ? true : nil
    members["SecurityOpt"] = noNewPrivileges ? ["no-new-privileges"] : nil
    members["CapDrop"] = droppedCapabilities.isEmpty ? nil : .strings(droppedCapabilities)
    members["CapAdd"] = addedCapabilities.isEmpty ? nil : .strings(addedCapabilities)
    return .object(members)
  }
}

extension ContainerLimits {
  /// The members of HostConfig. Swap is bounded with memory: otherwise the engine allows as much swap again.
  var members: [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    members["Memory"] = memory.map { .number($0) }
    members["MemorySwap"] = memory.map { .number($0) }
    members["MemoryReservation"] = memoryReservation.map { .number($0) }
    members["NanoCpus"] = cpus.map { .number(Int(($0 * 1e9).rounded())) }
    members["CpuShares"] = cpuShares.map { .number($0) }
    members["PidsLimit"] = processes.map { .number($0) }
    return members
  }
}

extension NetworkAttachment {
  var json: JSONValue { .members(["Aliases": aliases.isEmpty ? nil : .strings(aliases)]) }
}

extension PortBinding {
  /// "8069/tcp".
  var key: String { "\(containerPort)/\(transport.rawValue)" }

  /// An empty host port lets the engine choose one.
  var json: JSONValue {
    .members(["HostIp": .string(hostAddress), "HostPort": .string(hostPort.map(String.init) ?? "")])
  }
}

extension Mount {
  var json: JSONValue {
    var members: [String: JSONValue] = ["Target": .string(target), "ReadOnly": .bool(isReadOnly)]
    switch source {
    case .volume(let name):
      members["Type"] = "volume"
      members["Source"] = .string(name)
    case .bind(let path):
      members["Type"] = "bind"
      members["Source"] = .string(path)
      // Before Docker 25 what is mounted below a folder on the host could be written to all the same, so it stays out.
      if isReadOnly { members["BindOptions"] = .object(["NonRecursive": .bool(true)]) }
    case .tmpfs(let size):
      members["Type"] = "tmpfs"
      members["TmpfsOptions"] = size.map { .members(["SizeBytes": .number($0)]) }
    case .other(let kind):
      members["Type"] = .string(kind)
    }
    return .object(members)
  }
}

extension RestartPolicy {
  var json: JSONValue {
    switch self {
    case .no: .members(["Name": "no"])
    case .onFailure(let maximum): .members(["Name": "on-failure", "MaximumRetryCount": .number(maximum)])
    case .unlessStopped: .members(["Name": "unless-stopped"])
    case .always: .members(["Name": "always"])
    }
  }
}

extension Healthcheck {
  func json() throws(DockerError) -> JSONValue {
    guard !command.isEmpty else { return .members(["Test": ["NONE"]]) }
    guard case .array(let words) = try command.json() else { return .null }
    return .members([
      "Test": .array(["CMD"] + words), "Interval": .number(Int(interval.nanoseconds)),
      "Timeout": .number(Int(timeout.nanoseconds)), "Retries": .number(retries),
      "StartPeriod": .number(Int(startPeriod.nanoseconds)),
    ])
  }
}

extension Duration {
  /// Whole seconds, rounded up: the engine takes no parts, and 0 would mean "kill at once".
  var wholeSeconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds) + (attoseconds > 0 ? 1 : 0)
  }
}

extension [Word] {
  /// The words as a list of texts.
  func json() throws(DockerError) -> JSONValue {
    var texts: [JSONValue] = []
    for word in self { texts.append(.string(try word.engineText(name: word.description))) }
    return .array(texts)
  }
}

extension [String: Word] {
  /// The variables as a list of `NAME=value`, by name.
  func json() throws(DockerError) -> JSONValue {
    var texts: [JSONValue] = []
    for (name, value) in sorted(by: { $0.key < $1.key }) {
      guard !name.isEmpty, !name.contains("="), !name.utf8.contains(0) else {
        throw .invalid(what: .container, name: name, reason: "it is no name of an environment variable")
      }
      texts.append(.string("\(name)=\(try value.engineText(name: name))"))
    }
    return .array(texts)
  }
}

extension Word {
  /// The word as JSON can carry it.
  fileprivate func engineText(name: String) throws(DockerError) -> String {
    guard let text = revealText(), !text.utf8.contains(0) else {
      throw .invalid(what: .container, name: name, reason: "a word is UTF-8 without NUL bytes")
    }
    return text
  }
}
