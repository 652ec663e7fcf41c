import Docker
import Foundation

/// A volume of a simulated engine.
struct SimulatedVolume: Sendable {
  let name: String
  let labels: [String: String]
  let createdAt: Date
  /// What is in it, in words of the simulation.
  var content: [String: String] = [:]
  /// Files that were put there through a container.
  var files: [String: SimulatedContainer.Entry] = [:]

  var json: JSON {
    [
      "Name": .string(name), "Driver": "local", "Labels": .texts(labels), "Scope": "local",
      "Mountpoint": .string("/var/lib/docker/volumes/\(name)/_data"),
      "CreatedAt": .string(EngineMoment.text(createdAt)),
    ]
  }

  /// As the engine tells of it when it has measured it: a megabyte, and what programs have left in it.
  var measured: JSON {
    guard case .object(let members) = json else { return json }
    let bytes = 1_000_000 + content.values.reduce(0) { $0 + $1.utf8.count }
    return .object(members + [("UsageData", ["RefCount": 1, "Size": .number(bytes)])])
  }
}

/// A network of a simulated engine.
struct SimulatedNetwork: Sendable {
  let id: String
  let number: Int
  let name: String
  let labels: [String: String]
  let isInternal: Bool
  let createdAt: Date
  var driver = "bridge"
  /// Its addresses, where somebody asked for some.
  var subnet: String?

  func json(members: [SimulatedContainer]) -> JSON {
    [
      "Id": .string(id), "Name": .string(name), "Driver": .string(driver), "Internal": .bool(isInternal),
      "Labels": .texts(labels), "Created": .string(EngineMoment.text(createdAt)),
      "IPAM": [
        "Config": [["Subnet": .string(subnet ?? "172.\(16 + number % 16).\(number / 16 % 256).0/24")]]
      ],
      "Containers": .object(members.map { ($0.id, ["Name": .string($0.name)]) }),
    ]
  }

  /// Whether the engine has it by itself.
  var isBuiltIn: Bool { ["none", "host", "bridge"].contains(name) }
}

/// An image of a simulated engine or of its registry.
package struct SimulatedImage: Sendable {
  /// Its id.
  package var id: String
  /// Its names.
  package var tags: [String]
  /// Its labels.
  package var labels: [String: String]
  /// Its environment.
  package var environment: [String]
  /// Its entrypoint.
  package var entrypoint: [String]
  /// Its command.
  package var command: [String]
  /// The signal that asks its containers to stop.
  package var stopSignal: String
  /// Folders that become volumes.
  package var volumes: [String]
  /// Its size in bytes.
  package var size: Int
  /// How long a pull takes.
  package var pullTime: Duration
  let createdAt = Date()

  /// An image called `tag`.
  package init(
    _ tag: String, id: String? = nil, labels: [String: String] = [:], environment: [String] = [],
    entrypoint: [String] = [], command: [String] = [], stopSignal: String = "SIGTERM", volumes: [String] = [],
    size: Int = 100_000_000, pullTime: Duration = .zero
  ) {
    self.id = id ?? "sha256:" + EngineState.newID()
    tags = [tag]
    self.labels = labels
    self.environment = environment
    self.entrypoint = entrypoint
    self.command = command
    self.stopSignal = stopSignal
    self.volumes = volumes
    self.size = size
    self.pullTime = pullTime
  }

  private static func object(of keys: [String]) -> JSON { .object(keys.map { ($0, [:]) }) }

  var json: JSON {
    [
      "Id": .string(id), "RepoTags": .texts(tags), "RepoDigests": [], "Size": .number(size),
      "Created": .string(EngineMoment.text(createdAt)), "Architecture": "amd64", "Os": "linux",
      "Config": [
        "Labels": .texts(labels), "Env": .texts(environment), "User": "", "Entrypoint": .texts(entrypoint),
        "Cmd": .texts(command), "Volumes": Self.object(of: volumes),
      ],
    ]
  }

  var summary: JSON {
    [
      "Id": .string(id), "RepoTags": .texts(tags), "RepoDigests": [], "Size": .number(size),
      "Labels": .texts(labels), "Created": .number(Int(createdAt.timeIntervalSince1970)),
    ]
  }
}

extension EngineState {
  // MARK: Volumes

  struct VolumeBody: Decodable {
    var Name: String
    var Labels: [String: String]?
  }

  mutating func createVolume(_ body: VolumeBody) throws -> JSON {
    if let there = volumes[body.Name] { return there.json }
    if isFull { throw Refusal(500, "mkdir /var/lib/docker/volumes/\(body.Name): no space left on device") }
    let volume = SimulatedVolume(name: body.Name, labels: body.Labels ?? [:], createdAt: Date())
    volumes[volume.name] = volume
    tell("volume", "create", volume.name, [:])
    return volume.json
  }

  mutating func removeVolume(_ name: String) throws {
    guard volumes[name] != nil else { throw Refusal(404, "get \(name): no such volume") }
    let users = containers.values.filter { $0.mounts.contains { $0.name == name } }.map(\.id).sorted()
    guard users.isEmpty else {
      throw Refusal(409, "remove \(name): volume is in use - [\(users.joined(separator: ", "))]")
    }
    volumes[name] = nil
    tell("volume", "destroy", name, [:])
  }

  // MARK: Networks

  struct NetworkBody: Decodable {
    var Name: String
    var Labels: [String: String]?
    var Internal: Bool?
    var IPAM: Addresses?

    struct Addresses: Decodable {
      var Config: [Range]

      struct Range: Decodable {
        var Subnet: String
      }
    }
  }

  mutating func createNetwork(_ body: NetworkBody) throws -> JSON {
    guard !networks.values.contains(where: { $0.name == body.Name }) else {
      throw Refusal(409, "network with name \(body.Name) already exists")
    }
    let subnet = body.IPAM?.Config.first?.Subnet
    // Ranges that are not equal do not overlap here: all are of one size.
    guard subnet == nil || !networks.values.contains(where: { $0.subnet == subnet }) else {
      throw Refusal(403, "Pool overlaps with other one on this address space")
    }
    let network = SimulatedNetwork(
      id: Self.newID(), number: number(), name: body.Name, labels: body.Labels ?? [:],
      isInternal: body.Internal ?? false, createdAt: Date(), subnet: subnet)
    networks[network.id] = network
    tell("network", "create", network.id, ["name": network.name])
    return ["Id": .string(network.id), "Warning": ""]
  }

  /// The containers that run on a network.
  func members(of network: String) -> [SimulatedContainer] {
    containers.values.filter { $0.isRunning && $0.networks.contains { $0.network == network } }
      .sorted { $0.number < $1.number }
  }

  mutating func removeNetwork(_ reference: String) throws {
    let id = try networkID(reference)
    guard let network = networks[id], !network.isBuiltIn else {
      throw Refusal(403, "\(reference) is a pre-defined network and cannot be removed")
    }
    guard members(of: id).isEmpty else {
      throw Refusal(
        403, "error while removing network: network \(network.name) id \(id) has active endpoints")
    }
    networks[id] = nil
    tell("network", "destroy", id, ["name": network.name])
  }

  struct ConnectBody: Decodable {
    var Container: String
    var EndpointConfig: CreateBody.EndpointBody?
  }

  mutating func connect(_ reference: String, _ body: ConnectBody) throws {
    let network = try networkID(reference)
    let container = try container(body.Container)
    guard !container.networks.contains(where: { $0.network == network }) else {
      throw Refusal(403, "endpoint with name \(container.name) already exists in network \(reference)")
    }
    containers[container.id]?.networks.append(
      .init(network: network, aliases: body.EndpointConfig?.Aliases ?? []))
    tell("network", "connect", network, ["container": container.id])
  }

  mutating func disconnect(_ reference: String, _ body: ConnectBody) throws {
    let network = try networkID(reference)
    let container = try container(body.Container)
    guard container.networks.contains(where: { $0.network == network }) else {
      throw Refusal(500, "container \(container.id) is not connected to network \(reference)")
    }
    containers[container.id]?.networks.removeAll { $0.network == network }
    tell("network", "disconnect", network, ["container": container.id])
  }

  // MARK: Images

  mutating func removeImage(_ reference: String) throws {
    guard let image = image(reference) else { throw Refusal(404, "No such image: \(reference)") }
    guard !containers.values.contains(where: { $0.imageID == image.id }) else {
      throw Refusal(409, "conflict: unable to remove repository reference \"\(reference)\"")
    }
    if image.tags.count > 1, reference != image.id {
      if let index = images.firstIndex(where: { $0.id == image.id }) {
        images[index].tags.removeAll { $0 == reference }
      }
    } else {
      images.removeAll { $0.id == image.id }
    }
    tell("image", "untag", image.id, [:])
  }
}
