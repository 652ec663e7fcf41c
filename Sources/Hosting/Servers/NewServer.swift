import Foundation
import Odoo
import Remote

/// The wish for a new server, as it comes in by one of the doors.
public struct NewServer: Sendable {
  /// The name, a DNS label.
  public var name: String
  /// A host name or an IP address.
  public var address: String
  /// The port of its SSH server; nil means 22.
  public var port: Int?
  /// The user to sign in as; nil means root.
  public var user: String?
  /// The fingerprint of the host key that a person has compared; nil where nobody was asked yet.
  public var hostKey: String?
  /// A private key that is let in there; nil means that one is made.
  public var privateKey: Secret?
  /// A password with which a key that is made is left there, once.
  public var password: Secret?
  /// Whether it belongs to the operator instead of the organisation of the one who adds it.
  public var isOperators = false
  /// The slugs of the organisations that may use a server of the operator's; nil means the one of who adds it.
  public var sharedWith: [String]?
  /// Whether ports of instances bind to every address instead of loopback only.
  public var exposed = false
  /// Whether production shares it with other stages; nil means `warn`.
  public var stagePolicy: String?
  /// What people write down about it.
  public var note: String?
  /// See `Server.sharedFolders`.
  public var sharedFolders: [String] = []
  /// See `Server.filestoreFolders`.
  public var filestoreFolders: [String] = []

  /// A wish for a server called `name` at `address`.
  public init(name: String, address: String) {
    self.name = name
    self.address = address
  }

  /// Takes over with what to sign in, as it came in: text.
  public mutating func signIn(withKey privateKey: String?, orPassword password: String?) {
    self.privateKey = privateKey.map { Secret($0) }
    self.password = password.map { Secret($0) }
  }

  /// The wish with everything in it read and found right.
  struct Checked {
    var name: String
    var target: SSHTarget
    var stagePolicy: Server.StagePolicy
    var note: String
    var folders: (shared: [HostFolder], filestores: [HostFolder])
  }

  /// Reads every field.
  ///
  /// - Parameter instancesFolder: see `HostingConfiguration.instancesFolder`.
  /// - Throws: `HostingError` with code `invalid` that names every field at fault.
  func checked(instancesFolder: String = HostingConfiguration().instancesFolder) throws -> Checked {
    var faults = Faults()
    let name = faults.serverName(name)
    let target = faults.target(address: address, port: port ?? 22, user: user ?? "root")
    let policy = faults.stagePolicy(stagePolicy ?? Server.StagePolicy.warn.rawValue)
    let note = faults.note(note ?? "")
    let folders = faults.folders(shared: sharedFolders, filestores: filestoreFolders, beside: instancesFolder)
    if privateKey != nil, password != nil {
      faults.add(
        "password", "A private key and a password were given, and one of them is enough.",
        suggestion: "Give the key if it is let in there already, else the password.")
    }
    if let password, password.reveal().isEmpty || password.reveal().contains(where: \.isNewline) {
      faults.add("password", "A password is one line that is not empty.")
    }
    if sharedWith != nil, !isOperators {
      faults.add("sharedWith", "Only servers of the operator are shared with organisations.")
    }
    try faults.throwIfAny()
    guard let name, let target, let policy, let note else {
      throw HostingError(.internal, "A request was refused without a reason.")
    }
    return Checked(name: name, target: target, stagePolicy: policy, note: note, folders: folders)
  }
}

extension Faults {
  /// Words that stand in addresses of the API where names of servers do.
  private static let reserved: Set = ["placement", "host-key", "new"]

  /// The name of a server, or nil with what is wrong noted.
  mutating func serverName(_ text: String) -> String? {
    guard let slug = collect({ try Slug(text) }) else { return nil }
    guard !Self.reserved.contains(slug.text) else {
      add("name", "The name “\(slug)” is reserved.", suggestion: "Choose another one.")
      return nil
    }
    return slug.text
  }

  /// The policy called `text`, or nil with what is wrong noted.
  mutating func stagePolicy(_ text: String) -> Server.StagePolicy? {
    if let policy = Server.StagePolicy(rawValue: text) { return policy }
    add("stagePolicy", "There is no policy “\(text)”; choose allow, warn or refuse.")
    return nil
  }

  /// A note, or nil with what is wrong noted.
  mutating func note(_ text: String) -> String? {
    if text.count <= 2000 { return text }
    add("note", "A note has at most 2000 characters; this one has \(text.count).")
    return nil
  }
}
