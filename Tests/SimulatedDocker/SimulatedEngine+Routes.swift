import Docker
import Foundation
import NIOCore

extension SimulatedEngine {
  func route(_ call: Call) async throws -> EngineResponse {
    switch call.path.first {
    case "containers": try await containers(call)
    case "volumes": try volumes(call)
    case "networks": try networks(call)
    case "images": try await images(call)
    case "exec": try exec(call)
    case "system": try diskUsage(call)
    case "events": try stream { try $0.listen(call, $1) }
    case "_ping": Self.whole(ByteBuffer(string: "OK"), status: 200)
    case "version": Self.json(Self.version)
    case "info": Self.json(change { $0.info })
    default: throw Refusal(404, "page not found")
    }
  }

  private static let version: JSON = [
    "Version": "27.5.1", "ApiVersion": "1.47", "MinAPIVersion": "1.24", "KernelVersion": "6.1.0",
    "Arch": "amd64",
  ]

  private static let done = whole(ByteBuffer(), status: 204)

  // MARK: Containers

  private func containers(_ call: Call) async throws -> EngineResponse {
    guard call.path.count > 1 else { throw Refusal(404, "page not found") }
    if call.path.count == 2 {
      switch (call.method, call.path[1]) {
      case ("GET", "json"): return Self.json(try change { try $0.list(call) })
      case ("POST", "create"):
        let body = try call.content(CreateBody.self)
        return Self.json(try change { try $0.create(call.query["name"] ?? "", body) }, status: 201)
      case ("DELETE", let reference):
        try change { try $0.remove(reference, force: call.says("force"), volumes: call.says("v")) }
        return Self.done
      default: throw Refusal(404, "page not found")
      }
    }
    return try await container(call.path[1], call.path[2], call)
  }

  private func container(_ reference: String, _ action: String, _ call: Call) async throws -> EngineResponse {
    switch (call.method, action) {
    case ("GET", "json"): return Self.json(try change { try $0.inspect(reference) })
    case ("POST", "start"):
      return try change { try $0.start(reference) } ? Self.done : Self.whole(ByteBuffer(), status: 304)
    case ("POST", "stop"):
      return try await stop(reference, call) ? Self.done : Self.whole(ByteBuffer(), status: 304)
    case ("POST", "restart"):
      _ = try await stop(reference, call)
      _ = try change { try $0.start(reference) }
      return Self.done
    case ("POST", "kill"):
      try change { try $0.kill(reference, call.query["signal"] ?? "SIGKILL") }
      return Self.done
    case ("POST", "wait"): return try stream { try $0.wait(reference, $1) }
    case ("GET", "logs"): return try stream { try $0.log(reference, call, $1) }
    case ("POST", "rename"):
      try change { try $0.rename(reference, to: call.query["name"] ?? "") }
      return Self.done
    case ("POST", "update"):
      let body = try call.content(UpdateBody.self)
      return Self.json(try change { try $0.update(reference, body) })
    case ("POST", "exec"):
      let body = try call.content(EngineState.ExecBody.self)
      return Self.json(try change { try $0.createExec(reference, body) }, status: 201)
    case ("PUT", "archive"):
      try change { try $0.putArchive(reference, call) }
      return Self.whole(ByteBuffer(), status: 200)
    case ("GET", "archive"): return Self.whole(try change { try $0.archive(reference, call) }, status: 200)
    default: throw Refusal(404, "page not found")
    }
  }

  /// Answers when the container has ended; the stopping goes on when nobody waits for the answer.
  private func stop(_ reference: String, _ call: Call) async throws -> Bool {
    let patience = Duration.seconds(call.query["t"].flatMap { Int($0) } ?? 10)
    var wasRunning = false
    let end = try bytes { state, feed in
      let id = try state.containerID(reference)
      wasRunning = try state.stop(id, patience: patience, signal: call.query["signal"])
      try state.wait(id, feed)
    }
    for try await _ in end {
      if wasRunning {
        change { state in (try? state.container(reference)).map { state.tell("stop", of: $0) } }
      }
      return wasRunning
    }
    throw CancellationError()
  }

  // MARK: Volumes and networks

  private func volumes(_ call: Call) throws -> EngineResponse {
    switch (call.method, call.path.dropFirst().first) {
    case ("GET", nil):
      let filters = try call.filters()
      let all = change { state in
        state.volumes.values.filter { filters.select($0.labels) }.sorted { $0.name < $1.name }.map(\.json)
      }
      return Self.json(["Volumes": .array(all), "Warnings": []])
    case ("POST", "create"):
      let body = try call.content(EngineState.VolumeBody.self)
      return Self.json(try change { try $0.createVolume(body) }, status: 201)
    case ("GET", let name?):
      guard let volume = change({ $0.volumes[name] }) else {
        throw Refusal(404, "get \(name): no such volume")
      }
      return Self.json(volume.json)
    case ("DELETE", let name?):
      try change { try $0.removeVolume(name) }
      return Self.done
    default: throw Refusal(404, "page not found")
    }
  }

  /// A volume takes a megabyte, and what programs have left in it.
  private func diskUsage(_ call: Call) throws -> EngineResponse {
    guard call.method == "GET", Array(call.path.dropFirst()) == ["df"] else {
      throw Refusal(404, "page not found")
    }
    return Self.json([
      "Volumes": .array(change { state in state.volumes.values.sorted { $0.name < $1.name }.map(\.measured) })
    ])
  }

  private func networks(_ call: Call) throws -> EngineResponse {
    let path = Array(call.path.dropFirst())
    switch (call.method, path.first, path.dropFirst().first) {
    case ("GET", nil, _):
      let filters = try call.filters()
      let all = change { state in
        state.networks.values.filter { filters.select($0.labels) }.sorted { $0.number < $1.number }
          .map { $0.json(members: []) }
      }
      return Self.json(.array(all))
    case ("POST", "create", nil):
      let body = try call.content(EngineState.NetworkBody.self)
      return Self.json(try change { try $0.createNetwork(body) }, status: 201)
    case ("POST", let network?, "connect"):
      let body = try call.content(EngineState.ConnectBody.self)
      try change { try $0.connect(network, body) }
      return Self.whole(ByteBuffer(), status: 200)
    case ("POST", let network?, "disconnect"):
      let body = try call.content(EngineState.ConnectBody.self)
      try change { try $0.disconnect(network, body) }
      return Self.whole(ByteBuffer(), status: 200)
    case ("GET", let network?, nil):
      return Self.json(
        try change { state in
          let id = try state.networkID(network)
          return state.networks[id]?.json(members: state.members(of: id)) ?? .null
        })
    case ("DELETE", let network?, nil):
      try change { try $0.removeNetwork(network) }
      return Self.done
    default: throw Refusal(404, "page not found")
    }
  }

  // MARK: Images and programs in containers

  private func images(_ call: Call) async throws -> EngineResponse {
    let path = Array(call.path.dropFirst())
    switch (call.method, path.first, path.dropFirst().first) {
    case ("GET", "json", nil):
      let filters = try call.filters()
      return Self.json(.array(change { $0.images.filter { filters.select($0.labels) }.map(\.summary) }))
    case ("POST", "create", nil):
      return try await pull("\(call.query["fromImage"] ?? ""):\(call.query["tag"] ?? "latest")")
    case ("DELETE", .some, _):
      try change { try $0.removeImage(path.joined(separator: "/")) }
      return Self.json([])
    case ("POST", .some, _) where path.last == "tag":
      let reference = path.dropLast().joined(separator: "/")
      try change { state in
        guard let index = state.images.firstIndex(where: { $0.id == state.image(reference)?.id }) else {
          throw Refusal(404, "No such image: \(reference)")
        }
        state.images[index].tags.append("\(call.query["repo"] ?? ""):\(call.query["tag"] ?? "latest")")
      }
      return Self.whole(ByteBuffer(), status: 201)
    case ("GET", .some, _) where path.last == "json":
      let reference = path.dropLast().joined(separator: "/")
      guard let image = change({ $0.image(reference) }) else {
        throw Refusal(404, "No such image: \(reference)")
      }
      return Self.json(image.json)
    default: throw Refusal(404, "page not found")
    }
  }

  /// A pull that nobody follows any more ends, as in Docker.
  private func pull(_ reference: String) async throws -> EngineResponse {
    guard let image = change({ $0.registry[reference] }) else {
      throw Refusal(404, "manifest for \(reference) not found: manifest unknown: manifest unknown")
    }
    return try stream { state, feed in
      func tell(_ json: JSON) { feed.yield(ByteBuffer(bytes: json.bytes + [UInt8(ascii: "\n")])) }
      tell(["status": "Pulling", "id": .string(reference)])
      tell([
        "status": "Downloading", "id": "a",
        "progressDetail": ["current": 0, "total": .number(image.size)],
      ])
      state.schedule(image.pullTime) { state in
        guard state.isUp else { return }
        if state.isFull {
          feed.yield(
            ByteBuffer(
              bytes: JSON.object([("error", "write /var/lib/docker/tmp/x: no space left on device")]).bytes))
        } else if !state.images.contains(where: { $0.id == image.id }) {
          state.images.append(image)
        }
        state.finish(feed)
      }
    }
  }

  private func exec(_ call: Call) throws -> EngineResponse {
    guard call.path.count == 3 else { throw Refusal(404, "page not found") }
    switch (call.method, call.path[2]) {
    case ("POST", "start"): return try stream { try $0.startExec(call.path[1], $1) }
    case ("GET", "json"): return Self.json(try change { try $0.inspectExec(call.path[1]) })
    default: throw Refusal(404, "page not found")
    }
  }
}
