import Docker
import Foundation

extension EngineState {
  // MARK: Making

  mutating func create(_ name: String, _ body: CreateBody) throws -> JSON {
    guard let image = image(body.Image) else { throw Refusal(404, "No such image: \(body.Image)") }
    if let there = containers.values.first(where: { $0.name == name }) {
      throw Refusal(
        409,
        "Conflict. The container name \"/\(name)\" is already in use by container \"\(there.id)\". You have to remove "
          + "(or rename) that container to be able to reuse that name.")
    }
    if isFull { throw Refusal(500, "mkdir /var/lib/docker/overlay2/x: no space left on device") }
    let mounts = try mounts(body.HostConfig.Mounts ?? [], of: image)
    let container = SimulatedContainer(
      id: Self.newID(), number: number(), name: name, imageID: image.id, imageName: body.Image,
      createdAt: Date(),
      labels: image.labels.merging(body.Labels ?? [:]) { $1 },
      entrypoint: body.Entrypoint ?? image.entrypoint,
      command: body.Cmd ?? (body.Entrypoint == nil ? image.command : []),
      environment: Self.merged(image.environment, body.Env ?? []), user: body.User ?? "",
      stopSignal: body.StopSignal ?? image.stopSignal, host: body.HostConfig, mounts: mounts,
      networks: try endpoints(body))
    if mounts.contains(where: \.isNameless) { namelesslyMounted.append(name) }
    for mount in mounts {
      guard let volume = mount.name, volumes[volume] == nil else { continue }
      volumes[volume] = SimulatedVolume(name: volume, labels: [:], createdAt: Date())
    }
    containers[container.id] = container
    tell("create", of: container)
    return ["Id": .string(container.id), "Warnings": []]
  }

  private static func merged(_ first: [String], _ second: [String]) -> [String] {
    let names = Set(second.map { $0.prefix { $0 != "=" } })
    return first.filter { !names.contains($0.prefix { $0 != "=" }) } + second
  }

  private func mounts(_ bodies: [CreateBody.MountBody], of image: SimulatedImage) throws
    -> [SimulatedContainer.Mounted]
  {
    let asked = bodies.map { body in
      let name = body.Type == "volume" ? body.Source : nil
      return SimulatedContainer.Mounted(
        type: body.Type, name: name,
        source: name.map { "/var/lib/docker/volumes/\($0)/_data" } ?? body.Source ?? "", target: body.Target,
        isReadOnly: body.ReadOnly ?? false, isNameless: false)
    }
    let targets = Set(asked.map(\.target))
    return asked
      + image.volumes.filter { !targets.contains($0) }.map { target in
        let name = Self.newID()
        return SimulatedContainer.Mounted(
          type: "volume", name: name, source: "/var/lib/docker/volumes/\(name)/_data", target: target,
          isReadOnly: false, isNameless: true)
      }
  }

  /// A network that is not there is noticed at the start only.
  private func endpoints(_ body: CreateBody) throws -> [SimulatedContainer.Endpoint] {
    let mode = body.HostConfig.NetworkMode ?? "bridge"
    let config = body.NetworkingConfig?.EndpointsConfig[mode]
    return [.init(network: (try? networkID(mode)) ?? mode, aliases: config?.Aliases ?? [])]
  }

  mutating func rename(_ reference: String, to name: String) throws {
    let id = try containerID(reference)
    guard !containers.values.contains(where: { $0.name == name }) else {
      throw Refusal(409, "Conflict. The container name \"/\(name)\" is already in use by container")
    }
    containers[id]?.name = name
    if let container = containers[id] { tell("rename", of: container) }
  }

  mutating func update(_ reference: String, _ body: UpdateBody) throws -> JSON {
    let id = try containerID(reference)
    guard var host = containers[id]?.host else { throw Refusal(404, "No such container: \(reference)") }
    host.Memory = body.Memory ?? host.Memory
    host.MemoryReservation = body.MemoryReservation ?? host.MemoryReservation
    host.NanoCpus = body.NanoCpus ?? host.NanoCpus
    host.CpuShares = body.CpuShares ?? host.CpuShares
    host.PidsLimit = body.PidsLimit ?? host.PidsLimit
    host.RestartPolicy = body.RestartPolicy ?? host.RestartPolicy
    containers[id]?.host = host
    if let container = containers[id] { tell("update", of: container) }
    return ["Warnings": []]
  }

  // MARK: Removing

  mutating func remove(_ reference: String, force: Bool, volumes withVolumes: Bool) throws {
    let container = try container(reference)
    if container.isRunning || container.status == .restarting {
      guard force else {
        throw Refusal(
          409,
          "cannot remove container \"/\(container.name)\": container is running: stop the container before removing or "
            + "force remove")
      }
      containers[container.id]?.isStoppedByHand = true
      if container.isRunning { ended(container.id, run: container.run, status: 137) }
    }
    containers[container.id] = nil
    for (_, feed) in waiters.removeValue(forKey: container.id) ?? [:] {
      feed.yield(Self.waitResult(container.exitStatus))
      finish(feed)
    }
    for (_, follower) in followers.removeValue(forKey: container.id) ?? [:] { finish(follower.feed) }
    if withVolumes {
      for mount in container.mounts where mount.isNameless {
        if let name = mount.name { volumes[name] = nil }
      }
    }
    tell("destroy", of: container)
  }

  // MARK: Looking

  func list(_ call: Call) throws -> JSON {
    let filters = try call.filters()
    let all = call.says("all")
    let now = Date()
    return .array(
      containers.values.filter { (all || $0.isRunning) && filters.select($0) }
        .sorted { $0.number > $1.number }.map { $0.summary(now: now) })
  }

  func inspect(_ reference: String) throws -> JSON {
    try container(reference).inspection(networkNames: networks.mapValues(\.name))
  }
}
