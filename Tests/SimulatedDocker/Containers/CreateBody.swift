import Docker

/// The body of `POST /containers/create`, as far as it is simulated.
struct CreateBody: Decodable, Sendable {
  var Image: String
  var Entrypoint: [String]?
  var Cmd: [String]?
  var Env: [String]?
  var Labels: [String: String]?
  var User: String?
  var Hostname: String?
  var WorkingDir: String?
  var StopSignal: String?
  var StopTimeout: Int?
  var HostConfig: Host
  var NetworkingConfig: Networking?

  struct Host: Decodable, Sendable {
    var NetworkMode: String?
    var PortBindings: [String: [Binding]]?
    var Mounts: [MountBody]?
    var RestartPolicy: Policy?
    var AutoRemove: Bool?
    var Memory: Int?
    var MemoryReservation: Int?
    var NanoCpus: Int?
    var CpuShares: Int?
    var PidsLimit: Int?
  }

  struct Binding: Decodable, Sendable, Hashable {
    var HostIp: String
    var HostPort: String
  }

  struct MountBody: Decodable, Sendable {
    var `Type`: String
    var Source: String?
    var Target: String
    var ReadOnly: Bool?
  }

  struct Policy: Decodable, Sendable {
    var Name: String
    var MaximumRetryCount: Int?
  }

  struct Networking: Decodable, Sendable {
    var EndpointsConfig: [String: EndpointBody]
  }

  struct EndpointBody: Decodable, Sendable {
    var Aliases: [String]?
  }
}

/// The body of `POST /containers/{id}/update`.
struct UpdateBody: Decodable, Sendable {
  var Memory: Int?
  var MemoryReservation: Int?
  var NanoCpus: Int?
  var CpuShares: Int?
  var PidsLimit: Int?
  var RestartPolicy: CreateBody.Policy?
}
