import Foundation

/// A named volume: a folder that the engine keeps apart from containers.
public struct Volume: Sendable, Hashable {
  /// Its name, which is its id as well.
  public var name: String
  /// Its driver: "local" for those that are made here.
  public var driver: String
  /// Its labels.
  public var labels: [String: String]
  /// Where it is on the host.
  public var mountpoint: String
  /// When it was made.
  public var createdAt: Date?
  /// The folder of the host that it is bound to, where it is not one that the engine keeps.
  public var device: String?
}

extension Volume: Decodable {
  /// Reads the engine's answer.
  public init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    name = try fields.value("Name")
    driver = try fields.text("Driver") ?? ""
    labels = try fields.texts("Labels")
    mountpoint = try fields.text("Mountpoint") ?? ""
    createdAt = try fields.text("CreatedAt").flatMap { EngineDate.parse($0) }
    device = try fields.texts("Options")["device"]
  }
}

extension DockerEngine {
  /// Makes a volume, or gives the one that has this name already, whose labels then stay as they were.
  ///
  /// - Parameter folder: the absolute path of a folder on the host that it is bound to (mount(8), `--bind`), which must be
  ///   there whenever a container with the volume starts, and stays when the volume is removed; nil: the engine keeps one.
  public func createVolume(
    _ name: String, labels: [String: String] = [:], boundTo folder: String? = nil
  ) async throws -> Volume {
    let name = try Reference.name(name, of: .volume)
    let options = folder.map { ["type": "none", "o": "bind", "device": $0] } ?? [:]
    let body = JSONValue.members([
      "Name": .string(name), "Driver": "local", "Labels": .strings(labels), "DriverOpts": .strings(options),
    ])
    return try await connection.read(
      EngineCall(.POST, "/volumes/create", body: .json(body), about: CallSubject(kind: .volume, name: name)))
  }

  /// The volume; `nil` if there is none of this name.
  public func volume(_ name: String) async throws -> Volume? {
    let name = try Reference.name(name, of: .volume)
    return try await connection.find(EngineCall(.GET, "/volumes/\(name)"))
  }

  /// The volumes that have all of `labels`; a label with a `nil` value may have any.
  public func volumes(labels: [String: String?] = [:]) async throws -> [Volume] {
    let list: VolumeList = try await connection.read(
      EngineCall(.GET, "/volumes", query: ["filters": try filters(labels: labels)]))
    return list.volumes
  }

  /// How much the files in each volume take on the disk, in bytes, by the names of the volumes; without those that are bound
  /// to a folder. The engine reads all folders of all its volumes for it, which takes minutes where there are many files.
  /// While it does so for somebody else, it is waited for.
  ///
  /// Source: `GET /system/df` of the Engine API; `type` since 1.42, before which images and containers are measured, too.
  public func volumeSizes() async throws -> [String: Int] {
    let call = EngineCall(.GET, "/system/df", query: ["type": "volume"], timeout: .seconds(1800))
    var pause = Duration.milliseconds(100)
    while true {
      do {
        let usage: DiskUsage = try await connection.read(call)
        return usage.volumes.reduce(into: [:]) { $0[$1.volume.name] = $1.bytes }
      } catch DockerError.api(_, let message, _) where message.contains(Self.isMeasuring) {
        // Engines before 23.0 refuse the second one, and tell nobody when they have done with the first.
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .seconds(60))
      }
    }
  }

  private static let isMeasuring = "disk usage operation is already running"

  /// Removes the volume and what is in it, if there is one.
  ///
  /// - Throws: `DockerError.inUse` while a container has it, running or not, and others.
  public func removeVolume(_ name: String) async throws {
    let name = try Reference.name(name, of: .volume)
    try await connection.send(
      EngineCall(
        .DELETE, "/volumes/\(name)", about: CallSubject(kind: .volume, name: name), timeout: .seconds(300)),
      accepting: [404])
  }
}

private struct VolumeList: Decodable {
  let volumes: [Volume]
  init(from decoder: any Decoder) throws { volumes = try EngineFields(decoder).list("Volumes") }
}

private struct DiskUsage: Decodable {
  let volumes: [MeasuredVolume]
  init(from decoder: any Decoder) throws { volumes = try EngineFields(decoder).list("Volumes") }
}

private struct MeasuredVolume: Decodable {
  let volume: Volume
  /// Nil where the volume's driver does not tell.
  let bytes: Int?

  init(from decoder: any Decoder) throws {
    volume = try Volume(from: decoder)
    let usage = try EngineFields(decoder).optional("UsageData", as: Usage.self)
    bytes = usage.flatMap { $0.bytes < 0 ? nil : $0.bytes }
  }

  private struct Usage: Decodable {
    let bytes: Int
    init(from decoder: any Decoder) throws { bytes = try EngineFields(decoder).value("Size") }
  }
}
