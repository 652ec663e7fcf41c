import Foundation

/// An instance as the audit log describes it. Nothing secret is in it.
struct AuditedInstance: Encodable, Sendable {
  var version: String
  var edition: String
  var stage: String
  var server: String
  var basePort: Int
  var language: String
  var country: String?
  var demo: Bool
  var modules: [String]
  var settings: InstanceSettings

  init(_ instance: Instance) {
    version = instance.version.rawValue
    edition = instance.edition.rawValue
    stage = instance.stage.rawValue
    server = instance.server.name
    basePort = instance.basePort
    language = instance.origin.language
    country = instance.origin.country
    demo = instance.origin.demo
    modules = instance.origin.modules
    settings = instance.settings
  }
}

/// A server as the audit log describes it. Its key is told by its public half.
struct AuditedServer: Encodable, Sendable {
  var name: String
  var address: String
  var port: Int?
  var user: String?
  var publicKey: String?
  var hostKeys: [String]?
  var exposed: Bool
  var mode: String
  var stagePolicy: String
  var note: String
  var sharedWith: [String]
  var sharedFolders: [HostFolder]
  var filestoreFolders: [HostFolder]

  init(_ server: Server, sharedWith: [String]) {
    name = server.name
    address = server.address
    port = server.access?.port
    user = server.access?.user
    publicKey = server.access?.publicKey
    hostKeys = server.access?.hostKeys.map(\.fingerprint)
    exposed = server.exposed
    mode = server.mode.rawValue
    stagePolicy = server.stagePolicy.rawValue
    note = server.note
    self.sharedWith = sharedWith.sorted()
    sharedFolders = server.sharedFolders
    filestoreFolders = server.filestoreFolders
  }
}
