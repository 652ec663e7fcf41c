import Foundation
import Remote

extension Container: Decodable {
  /// Reads the engine's answer.
  public init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    let config = try fields.object("Config")
    let host = try fields.object("HostConfig")
    let network = try fields.object("NetworkSettings")
    id = try fields.value("Id")
    name = try Self.name(fields.value("Name"))
    labels = try config?.texts("Labels") ?? [:]
    state = try fields.value("State")
    imageID = try fields.value("Image")
    image = try config?.text("Image") ?? ""
    createdAt = try fields.text("Created").flatMap { EngineDate.parse($0) }
    restartCount = try fields.optional("RestartCount") ?? 0
    command = [try fields.optional("Path") ?? ""] + (try fields.list("Args"))
    environment = Self.variables(try config?.list("Env") ?? [])
    user = try config?.text("User") ?? ""
    mounts = try fields.list("Mounts", of: WireMount.self).map(\.mount)
    ports = try network.map { try WirePort.bindings(in: $0, "Ports") } ?? []
    configuredPorts = try host.map { try WirePort.bindings(in: $0, "PortBindings") } ?? []
    networks = try network?.optional("Networks", as: [String: Endpoint].self) ?? [:]
    limits = try host.map { try ContainerLimits($0) } ?? ContainerLimits()
    restartPolicy = try host?.object("RestartPolicy").map { try RestartPolicy($0) } ?? .no
    hasTerminal = try config?.optional("Tty") ?? false
  }

  /// Texts such as `NAME=value`; without a value, the variable is unset.
  private static func variables(_ texts: [String]) -> [String: Secret] {
    var variables: [String: Secret] = [:]
    for text in texts {
      guard let equals = text.firstIndex(of: "=") else { continue }
      variables[String(text[..<equals])] = Secret(String(text[text.index(after: equals)...]))
    }
    return variables
  }

  /// The engine puts a slash in front of names.
  static func name(_ name: String) -> String {
    name.hasPrefix("/") ? String(name.dropFirst()) : name
  }
}

extension Container.Endpoint: Decodable {
  /// Reads the engine's answer.
  public init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    networkID = try fields.text("NetworkID") ?? ""
    address = try fields.text("IPAddress")
    ipv6Address = try fields.text("GlobalIPv6Address")
    aliases = try fields.list("Aliases")
  }
}

extension ContainerState: Decodable {
  /// Reads the engine's answer.
  public init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    status = try fields.value("Status")
    exitCode = try fields.optional("ExitCode") ?? 0
    oomKilled = try fields.optional("OOMKilled") ?? false
    error = try fields.text("Error")
    pid = try fields.nonZero("Pid")
    startedAt = try fields.text("StartedAt").flatMap { EngineDate.parse($0) }
    finishedAt = try fields.text("FinishedAt").flatMap { EngineDate.parse($0) }
    health = try fields.object("Health").flatMap { try Health($0) }
  }
}

extension ContainerState.Status: Decodable {}

extension ContainerState.Health {
  /// `nil` for "none", by which some versions say that there is no check.
  init?(_ fields: EngineFields) throws {
    guard let status = Status(rawValue: try fields.text("Status") ?? "none") else { return nil }
    self.status = status
    failingStreak = try fields.optional("FailingStreak") ?? 0
    lastOutput = try fields.list("Log", of: Check.self).last?.output
  }

  private struct Check: Decodable {
    let output: String?
    init(from decoder: any Decoder) throws { output = try EngineFields(decoder).text("Output") }
  }
}

extension ContainerLimits {
  init(_ fields: EngineFields) throws {
    self.init(
      memory: try fields.nonZero("Memory"), memoryReservation: try fields.nonZero("MemoryReservation"),
      cpus: try fields.nonZero("NanoCpus").map { Double($0) / 1e9 },
      cpuShares: try fields.nonZero("CpuShares"),
      processes: try fields.nonZero("PidsLimit").flatMap { $0 > 0 ? $0 : nil })
  }
}

extension RestartPolicy {
  init(_ fields: EngineFields) throws {
    self =
      switch try fields.text("Name") {
      case "on-failure": .onFailure(maximum: try fields.optional("MaximumRetryCount") ?? 0)
      case "unless-stopped": .unlessStopped
      case "always": .always
      default: .no
      }
  }
}

extension ContainerSummary: Decodable {
  /// Reads the engine's answer.
  public init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    id = try fields.value("Id")
    name = try fields.list("Names", of: String.self).first.map(Container.name) ?? ""
    labels = try fields.texts("Labels")
    status = try fields.value("State")
    statusText = try fields.text("Status") ?? ""
    image = try fields.text("Image") ?? ""
    imageID = try fields.text("ImageID") ?? ""
    createdAt = Date(timeIntervalSince1970: Double(try fields.value("Created", as: Int.self)))
  }
}

private struct WireMount: Decodable {
  let mount: Mount

  init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    let source: Mount.Source =
      switch try fields.value("Type", as: String.self) {
      case "volume": .volume(try fields.text("Name") ?? "")
      case "bind": .bind(try fields.text("Source") ?? "")
      case "tmpfs": .tmpfs(size: nil)
      case let other: .other(other)
      }
    mount = Mount(source, at: try fields.value("Destination"), readOnly: try !(fields.optional("RW") ?? true))
  }
}

/// One of the host's ends of a port: `"8069/tcp": [{"HostIp": "127.0.0.1", "HostPort": "10000"}]`.
private struct WirePort: Decodable {
  let address: String
  let port: Int?

  init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    address = try fields.text("HostIp") ?? "0.0.0.0"
    port = try fields.text("HostPort").flatMap { Int($0) }
  }

  /// Ports that are exposed and not published have `null` for their ends.
  static func bindings(in fields: EngineFields, _ name: String) throws -> [PortBinding] {
    let ports = try fields.optional(name, as: [String: [WirePort]?].self) ?? [:]
    return ports.sorted { $0.key < $1.key }.flatMap { key, ends -> [PortBinding] in
      let parts = key.split(separator: "/")
      guard let port = parts.first.flatMap({ Int($0) }) else { return [] }
      let transport = parts.dropFirst().first.flatMap { PortBinding.Transport(rawValue: String($0)) } ?? .tcp
      return (ends ?? []).map {
        PortBinding(port, hostPort: $0.port, hostAddress: $0.address, transport: transport)
      }
    }
  }
}
