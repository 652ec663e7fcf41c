import Foundation

/// An image on the host: the answer to `GET /images/{name}/json`.
public struct Image: Sendable, Hashable, Identifiable {
  /// Its id: "sha256:" and 64 hexadecimal digits.
  public var id: String
  /// Its names, such as "odoo:19.0".
  public var tags: [String]
  /// Its names by content as a registry knows them, such as "odoo@sha256:…"; empty for an image built here.
  public var repoDigests: [String]
  /// Its labels.
  public var labels: [String: String]
  /// Environment variables as `NAME=value`.
  public var environment: [String]
  /// The user that programs run as; empty for root.
  public var user: String
  /// The entrypoint.
  public var entrypoint: [String]
  /// The command.
  public var command: [String]
  /// Ports that it says it listens on, such as "8069/tcp".
  public var exposedPorts: [String]
  /// Folders that become volumes.
  public var volumes: [String]
  /// The size of its layers in bytes; layers that images share count in each.
  public var size: Int
  /// When it was built.
  public var createdAt: Date?
  /// The architecture as Go calls it: "amd64", "arm64".
  public var architecture: String
}

extension Image: Decodable {
  /// Reads the engine's answer.
  public init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    let config = try fields.object("Config")
    id = try fields.value("Id")
    tags = try fields.list("RepoTags")
    repoDigests = try fields.list("RepoDigests")
    labels = try config?.texts("Labels") ?? [:]
    environment = try config?.list("Env") ?? []
    user = try config?.text("User") ?? ""
    entrypoint = try config?.list("Entrypoint") ?? []
    command = try config?.list("Cmd") ?? []
    exposedPorts = try config?.optional("ExposedPorts", as: [String: Empty].self)?.keys.sorted() ?? []
    volumes = try config?.optional("Volumes", as: [String: Empty].self)?.keys.sorted() ?? []
    size = try fields.optional("Size") ?? 0
    createdAt = try fields.text("Created").flatMap { EngineDate.parse($0) }
    architecture = try fields.text("Architecture") ?? ""
  }

  private struct Empty: Decodable {}
}

/// An image in a list: the answer to `GET /images/json`.
public struct ImageSummary: Sendable, Hashable, Identifiable {
  /// Its id.
  public var id: String
  /// Its names; without any it is a leftover of a name that moved on.
  public var tags: [String]
  /// Its names by content.
  public var repoDigests: [String]
  /// Its labels.
  public var labels: [String: String]
  /// The size of its layers in bytes.
  public var size: Int
  /// When it was built.
  public var createdAt: Date
}

extension ImageSummary: Decodable {
  /// Reads the engine's answer.
  public init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    id = try fields.value("Id")
    // Older engines write this name for an image without names.
    tags = try fields.list("RepoTags").filter { $0 != "<none>:<none>" }
    repoDigests = try fields.list("RepoDigests").filter { $0 != "<none>@<none>" }
    labels = try fields.texts("Labels")
    size = try fields.optional("Size") ?? 0
    createdAt = Date(timeIntervalSince1970: Double(try fields.value("Created", as: Int.self)))
  }
}
