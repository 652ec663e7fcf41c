import Foundation

extension API.Call where Answer == API.Page<API.Stray> {
  /// What is on servers and belongs to nothing, by server and name.
  public static var strays: Self { Self(.get, "strays") }
}

extension API.Call where Answer == API.Nothing {
  /// Removes the stray `id` from its server, a volume with its data.
  public static func removeStray(_ id: UUID) -> Self {
    Self(.delete, "strays", id.uuidString.lowercased())
  }
}
