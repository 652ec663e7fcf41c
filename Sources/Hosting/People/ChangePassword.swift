import Postgres

extension Hosting {
  /// Changes the password of the one who asks, and ends every session of his but the one by which he asks, where it is
  /// one.
  ///
  /// - Throws: `HostingError`: `invalid` for a wrong `password` or a poor `newPassword`, in a field of that name;
  ///   `unauthenticated` with `retryAfter` after too many wrong ones; `forbidden` for a token with scopes.
  public func changePassword(_ password: String, to newPassword: String, by actor: Actor) async throws {
    try actor.requireWholePerson()
    // Before the present one is looked at, which costs more.
    let checked = try Self.checked(password: newPassword, field: "newPassword")
    try await requirePassword(password, of: actor)
    let hash = try await passwords.hash(checked)
    try await database.transaction { connection in
      try await connection.execute("update people set password_hash = \(hash) where id = \(actor.userID)")
      try await endSignIns(of: actor.userID, but: actor.session, connection)
      try await note(.setPassword, .person(actor), by: actor, connection)
    }
  }
}
