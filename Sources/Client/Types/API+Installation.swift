import Foundation

extension API {
  /// The installation, as operators see it.
  public struct Installation: Codable, Sendable, Equatable {
    /// Its identity, on the labels of everything on its servers.
    public var id: UUID
    /// Its own backups.
    public var backups: Backups

    /// How the backups stand that the control plane makes of itself.
    public struct Backups: Codable, Sendable, Equatable {
      /// When the last one was found whole; nil: none was made yet.
      public var lastMade: Date?
      /// What is in the way of the newest one; nil: nothing.
      public var trouble: String?
      /// Since when.
      public var troubleSince: Date?

      /// None yet, and nothing in the way.
      public init() {}
    }

    /// The installation with that identity, and its backups.
    public init(id: UUID, backups: Backups) {
      self.id = id
      self.backups = backups
    }
  }
}
