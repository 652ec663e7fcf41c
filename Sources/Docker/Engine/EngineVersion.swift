/// What an engine is: the answer to `GET /version`.
public struct EngineVersion: Sendable, Hashable, Decodable {
  /// The engine's version, such as "28.3.0" or "20.10.24+dfsg1".
  public var version: String
  /// The newest API version that it speaks.
  public var apiVersion: APIVersion
  /// The oldest API version that it speaks.
  public var minimumAPIVersion: APIVersion
  /// The kernel of its host.
  public var kernel: String
  /// The architecture as Go calls it: "amd64", "arm64".
  public var architecture: String

  /// Reads the engine's answer.
  public init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    version = try fields.value("Version")
    kernel = try fields.text("KernelVersion") ?? ""
    architecture = try fields.text("Arch") ?? ""
    func api(_ name: String) throws -> APIVersion {
      let text = try fields.value(name, as: String.self)
      guard let version = APIVersion(text) else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "\(name) is \(text)"))
      }
      return version
    }
    apiVersion = try api("ApiVersion")
    minimumAPIVersion = try api("MinAPIVersion")
  }
}

/// How an engine is set up: the answer to `GET /info`.
public struct EngineInfo: Sendable, Hashable, Decodable {
  /// An id of the engine that stays the same over restarts.
  public var id: String
  /// The host's name.
  public var hostName: String
  /// Processors of the host.
  public var cores: Int
  /// Memory of the host in bytes.
  public var memory: Int
  /// The folder that holds images, containers and volumes.
  public var rootFolder: String
  /// The storage driver: "overlay2" nearly everywhere.
  public var storageDriver: String
  /// The version of control groups: 1 or 2.
  public var cgroupVersion: Int
  /// Who makes the control groups: "systemd" or "cgroupfs".
  public var cgroupDriver: String
  /// Whether containers go on while the engine is restarted.
  public var liveRestore: Bool
  /// Whether memory limits take effect.
  public var supportsMemoryLimit: Bool
  /// Whether limits of swap take effect.
  public var supportsSwapLimit: Bool
  /// Containers that run.
  public var running: Int
  /// Containers in all.
  public var containers: Int
  /// The operating system's name, such as "Debian GNU/Linux 12 (bookworm)".
  public var operatingSystem: String
  /// The architecture as the kernel calls it: `x86_64`, `aarch64`.
  public var architecture: String
  /// Addresses of registries that are asked before Docker Hub.
  public var registryMirrors: [String]
  /// What the engine warns about, such as missing support for limits.
  public var warnings: [String]

  /// Reads the engine's answer.
  public init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    id = try fields.text("ID") ?? ""
    hostName = try fields.text("Name") ?? ""
    cores = try fields.value("NCPU")
    memory = try fields.value("MemTotal")
    rootFolder = try fields.value("DockerRootDir")
    storageDriver = try fields.text("Driver") ?? ""
    cgroupVersion = Int(try fields.text("CgroupVersion") ?? "1") ?? 1
    cgroupDriver = try fields.text("CgroupDriver") ?? ""
    liveRestore = try fields.optional("LiveRestoreEnabled") ?? false
    supportsMemoryLimit = try fields.optional("MemoryLimit") ?? false
    supportsSwapLimit = try fields.optional("SwapLimit") ?? false
    running = try fields.optional("ContainersRunning") ?? 0
    containers = try fields.optional("Containers") ?? 0
    operatingSystem = try fields.text("OperatingSystem") ?? ""
    architecture = try fields.text("Architecture") ?? ""
    registryMirrors = try fields.object("RegistryConfig")?.list("Mirrors") ?? []
    warnings = try fields.list("Warnings")
  }
}
