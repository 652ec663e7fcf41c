/// The words that say what a token is for.
public enum TokenScope {
  /// Stands for everything that only looks.
  public static let read = "read"
  /// What `read` stands for.
  static let reading: Set<Permission> = [.viewInstances, .viewLogs, .viewServers, .viewAudit]

  /// Every word that there is.
  public static let words = [read] + Permission.allCases.map(\.rawValue)

  /// The permissions that `words` name for a token of `actor`; a permission that he has not himself is refused.
  static func permissions(_ words: [String], for actor: Actor, _ faults: inout Faults) -> Set<Permission> {
    var permissions: Set<Permission> = []
    if words.isEmpty {
      faults.add(
        "scopes", "A token without any scope could do nothing.",
        suggestion: "Name some, or leave scopes out for everything that you may do.")
    }
    for word in words {
      if word == read {
        permissions.formUnion(actor.permissions.intersection(reading))
      } else if let permission = Permission(rawValue: word) {
        if actor.can(permission) {
          permissions.insert(permission)
        } else {
          faults.add("scopes", "You may not do “\(word)” yourself.")
        }
      } else {
        faults.add("scopes", "There is no scope “\(word)”; there are \(self.words.joined(separator: ", ")).")
      }
    }
    return permissions
  }
}
