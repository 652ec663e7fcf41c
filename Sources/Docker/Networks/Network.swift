import Foundation

/// A network between containers.
public struct Network: Sendable, Hashable, Identifiable {
  /// Its id.
  public var id: String
  /// Its name.
  public var name: String
  /// Its driver: "bridge" for those that are made here.
  public var driver: String
  /// Whether it has no way out of the host.
  public var isInternal: Bool
  /// Its labels.
  public var labels: [String: String]
  /// Its address ranges, such as "172.18.0.0/16".
  public var subnets: [String]
  /// The ids of the containers that are on it and run. Empty in lists.
  public var containerIDs: [String]
  /// The names of endpoints on it that no container has, which are those of the containers that had them. Empty in
  /// lists. A dockerd that is killed while it takes a container off the network leaves such (moby 33156, docker/cli
  /// 1891; seen with 20.10.24).
  public var ghosts: [String]
  /// When it was made.
  public var createdAt: Date?
}

extension Network: Decodable {
  /// Reads the engine's answer.
  public init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    id = try fields.value("Id")
    name = try fields.value("Name")
    driver = try fields.text("Driver") ?? ""
    isInternal = try fields.optional("Internal") ?? false
    labels = try fields.texts("Labels")
    subnets = try fields.object("IPAM")?.list("Config", of: Range.self).compactMap(\.subnet) ?? []
    let members = try fields.optional("Containers", as: [String: Member].self) ?? [:]
    // Under the id of its container, or of itself where it has none.
    containerIDs = members.keys.filter { !$0.hasPrefix("ep-") }.sorted()
    ghosts = members.filter { $0.key.hasPrefix("ep-") }.compactMap(\.value.name).sorted()
    createdAt = try fields.text("Created").flatMap { EngineDate.parse($0) }
  }

  private struct Range: Decodable {
    let subnet: String?
    init(from decoder: any Decoder) throws { subnet = try EngineFields(decoder).text("Subnet") }
  }

  private struct Member: Decodable {
    let name: String?
    init(from decoder: any Decoder) throws { name = try EngineFields(decoder).text("Name") }
  }
}
