extension OperationKinds {
  /// What an operation of `kind` does, as people say it: `instance.restart.hard` is `Restart (hard)`.
  static func title(_ kind: String) -> String {
    let words = kind.split(separator: ".").dropFirst()
    guard let verb = words.first else { return kind }
    let manner = words.dropFirst().joined(separator: ", ")
    return verb.prefix(1).uppercased() + verb.dropFirst() + (manner.isEmpty ? "" : " (\(manner))")
  }
}

extension Hosting.Operation {
  /// What it does, as people say it: `Restart (hard)`.
  public var title: String { OperationKinds.title(kind) }
}
