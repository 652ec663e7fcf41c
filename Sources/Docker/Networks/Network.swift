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
  /// The places on it that are taken. Empty in lists.
  public var endpoints: [Endpoint]
  /// When it was made.
  public var createdAt: Date?

  /// A place on a network.
  public struct Endpoint: Sendable, Hashable {
    /// Its name, which is that of the container that has it or had it.
    public var name: String
    /// The id of the container that took it, which may be gone; nil where the engine itself knows of none.
    public var containerID: String?
  }
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
    endpoints = members.compactMap { key, member in
      // Under the id of its container, or of itself.
      member.name.map { Endpoint(name: $0, containerID: key.hasPrefix("ep-") ? nil : key) }
    }.sorted { $0.name < $1.name }
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
