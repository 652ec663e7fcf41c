import Foundation

extension API {
  /// Something on a server that carries this installation's label and belongs to nothing that the control plane knows.
  public struct Stray: Codable, Sendable, Equatable {
    /// The identity.
    public var id: UUID
    /// Where it is.
    public var server: ServerReference
    /// `container`, `volume`, `network` or `folder`.
    public var kind: String
    /// Its name; the path of a folder.
    public var name: String
    /// How Docker or the host calls it: a container's or network's id, a volume's name, a folder's path.
    public var thing: String
    /// The name of the instance that it was a part of, where its labels tell.
    public var instance: String?
    /// All its labels.
    public var labels: [String: String]
    /// When it was first seen.
    public var firstSeen: Date
    /// When it was last seen.
    public var lastSeen: Date

    /// A stray of these facts; it was seen once.
    public init(
      id: UUID, server: ServerReference, kind: String, name: String, thing: String, labels: [String: String],
      firstSeen: Date
    ) {
      self.id = id
      self.server = server
      self.kind = kind
      self.name = name
      self.thing = thing
      self.labels = labels
      self.firstSeen = firstSeen
      lastSeen = firstSeen
    }
  }
}
