import Foundation

extension SimulatedContainer {
  /// The answer to `GET /containers/{id}/json`.
  func inspection(networkNames: [String: String]) -> JSON {
    let state: JSON = [
      "Status": .string(status.rawValue), "Running": .bool(isRunning || status == .restarting),
      "Paused": false, "Restarting": .bool(status == .restarting), "OOMKilled": false, "Dead": false,
      "Pid": .number(isRunning ? 1000 + run : 0), "ExitCode": .number(exitStatus), "Error": .string(error),
      "StartedAt": .string(EngineMoment.text(startedAt)),
      "FinishedAt": .string(EngineMoment.text(finishedAt)),
    ]
    let words = entrypoint + command
    return [
      "Id": .string(id), "Created": .string(EngineMoment.text(createdAt)),
      "Path": .string(words.first ?? ""),
      "Args": .texts(Array(words.dropFirst())), "State": state, "Image": .string(imageID),
      "Name": .string("/" + name), "RestartCount": .number(restartCount), "Driver": "overlay2",
      "Mounts": .array(mounts.map(\.json)),
      "Config": [
        "Image": .string(imageName), "Labels": .texts(labels), "Env": .texts(environment),
        "User": .string(user), "Tty": false, "Cmd": .texts(command), "Entrypoint": .texts(entrypoint),
      ],
      "HostConfig": host.json,
      "NetworkSettings": [
        "Ports": Self.ports(ports.map { ($0.key, $0.address, String($0.port)) }),
        "Networks": .object(
          networks.map { endpoint in
            (
              networkNames[endpoint.network] ?? endpoint.network,
              [
                "NetworkID": .string(endpoint.network), "Aliases": .texts(endpoint.aliases),
                "IPAddress": .string(isRunning ? "172.18.0.2" : ""),
              ]
            )
          }),
      ],
    ]
  }

  /// A part of the answer to `GET /containers/json`.
  func summary(now: Date) -> JSON {
    let status = isEndUnwritten ? .running : status
    return [
      "Id": .string(id), "Names": [.string("/" + name)], "Image": .string(imageName),
      "ImageID": .string(imageID), "Command": .string((entrypoint + command).joined(separator: " ")),
      "Created": .number(Int(createdAt.timeIntervalSince1970)), "Labels": .texts(labels),
      "State": .string(status.rawValue), "Status": .string(statusText(of: status, now: now)),
    ]
  }

  static func ports(_ ends: [(key: String, address: String, port: String)]) -> JSON {
    .object(
      Dictionary(grouping: ends, by: \.key).sorted { $0.key < $1.key }.map { key, ends in
        (key, .array(ends.map { ["HostIp": .string($0.address), "HostPort": .string($0.port)] }))
      })
  }
}

extension SimulatedContainer.Mounted {
  fileprivate var json: JSON {
    var members: [(String, JSON)] = [
      ("Type", .string(type)), ("Source", .string(source)), ("Destination", .string(target)),
      ("RW", .bool(!isReadOnly)),
    ]
    if let name { members.append(("Name", .string(name))) }
    return .object(members)
  }
}

extension CreateBody.Host {
  fileprivate var json: JSON {
    [
      "NetworkMode": .string(NetworkMode ?? "default"),
      "PortBindings": SimulatedContainer.ports(
        (PortBindings ?? [:]).flatMap { key, ends in ends.map { (key, $0.HostIp, $0.HostPort) } }),
      "RestartPolicy": [
        "Name": .string(RestartPolicy?.Name ?? "no"),
        "MaximumRetryCount": .number(RestartPolicy?.MaximumRetryCount ?? 0),
      ],
      "Memory": .number(Memory ?? 0), "MemoryReservation": .number(MemoryReservation ?? 0),
      "NanoCpus": .number(NanoCpus ?? 0), "CpuShares": .number(CpuShares ?? 0),
      "PidsLimit": PidsLimit.map { .number($0) } ?? .null,
    ]
  }
}
