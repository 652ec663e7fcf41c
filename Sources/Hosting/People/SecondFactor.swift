import Foundation
import Postgres
import Remote

/// A second factor that a person is about to set up.
public struct NewSecondFactor: Sendable {
  /// The secret as it is typed into a program by hand.
  public var secret: Secret
  /// The same for a QR code: `otpauth://totp/…`.
  public var address: Secret
}

extension Hosting {
  /// How many recovery codes a person gets.
  static let recoveryCodes = 10

  /// Begins to set up a second factor. It counts from ``confirmSecondFactor(_:by:)`` on.
  ///
  /// - Throws: `HostingError`: `conflict` where there is one; `invalid` for a wrong password.
  public func beginSecondFactor(password: String, by actor: Actor) async throws -> NewSecondFactor {
    try actor.requireWholePerson()
    try await requirePassword(password, of: actor)
    let new = OneTimePassword()
    let sealed = try masterKey.seal(
      Secret(new.secret.base64EncodedString()), in: .secondFactor, of: actor.userID)
    let begun = try await database.execute(
      "update people set totp_secret = \(sealed) where id = \(actor.userID) and totp_since is null")
    guard begun > 0 else {
      throw HostingError(
        .conflict, "You have a second factor already.", suggestion: "Turn it off first, then set it up anew.")
    }
    return NewSecondFactor(
      secret: Secret(new.text), address: Secret(new.address(for: actor.email, issuer: "Odeum")))
  }

  /// Turns the second factor on that was begun: `code` proves that the person's program has the secret.
  ///
  /// - Returns: the recovery codes, which are said once.
  /// - Throws: `HostingError`: `invalid` for a wrong code; `unauthenticated` with `retryAfter` after too many; `conflict`
  ///   where none was begun or one is on.
  public func confirmSecondFactor(_ code: String, by actor: Actor) async throws -> [Secret] {
    try actor.requireWholePerson()
    var confirmation = Confirmation.wrongCode
    _ = try await attempt(["person \(actor.email)"]) {
      confirmation = try await confirm(code, by: actor)
      return switch confirmation {
      case .nothingBegun: .half
      case .wrongCode: .wrong
      case .isOn: .right
      }
    }
    switch confirmation {
    case .nothingBegun:
      throw HostingError(
        .conflict, "There is no second factor to confirm.", suggestion: "Begin to set one up.")
    case .wrongCode: throw HostingError.wrongCode
    case .isOn(let codes): return codes
    }
  }

  /// What came of confirming a second factor.
  private enum Confirmation: Sendable {
    case nothingBegun, wrongCode
    case isOn(recoveryCodes: [Secret])
  }

  private func confirm(_ code: String, by actor: Actor) async throws -> Confirmation {
    try await database.transaction { connection in
      guard let factor = try await factor(of: actor.userID, connection), !factor.isOn else {
        return .nothingBegun
      }
      guard let step = factor.password.step(of: Self.digits(code), at: Date(), after: factor.usedStep) else {
        return .wrongCode
      }
      try await connection.execute(
        "update people set totp_since = now(), totp_step = \(step) where id = \(actor.userID)")
      let codes = try await renewRecoveryCodes(of: actor.userID, connection)
      try await note(.turnSecondFactorOn, .person(actor), by: actor, connection)
      return .isOn(recoveryCodes: codes)
    }
  }

  /// Makes new recovery codes; the former ones are good for nothing from then on.
  ///
  /// - Throws: `HostingError`: `invalid` for a wrong password; `conflict` without a second factor.
  public func renewRecoveryCodes(password: String, by actor: Actor) async throws -> [Secret] {
    try actor.requireWholePerson()
    try await requirePassword(password, of: actor)
    return try await database.transaction { connection in
      guard try await factor(of: actor.userID, connection)?.isOn == true else {
        throw HostingError(.conflict, "You have no second factor.", suggestion: "Set one up first.")
      }
      let codes = try await renewRecoveryCodes(of: actor.userID, connection)
      try await note(.renewRecoveryCodes, .person(actor), by: actor, connection)
      return codes
    }
  }

  /// Turns the second factor of the one who asks off.
  ///
  /// - Throws: `HostingError` with code `invalid` for a wrong password.
  public func turnSecondFactorOff(password: String, by actor: Actor) async throws {
    try actor.requireWholePerson()
    try await requirePassword(password, of: actor)
    try await database.transaction { try await forgetSecondFactor(of: actor, $0) }
  }

  /// Turns the second factor of the person with the address `email` off, who has lost it. This is for the operator at
  /// the machine: no permission is asked.
  ///
  /// - Throws: `HostingError` with code `notFound`.
  public func resetSecondFactor(of email: String) async throws {
    let actor = try await person(email)
    try await database.transaction { try await forgetSecondFactor(of: actor, $0) }
  }

  /// Turns the second factor of `actor` off, and notes that he did.
  func forgetSecondFactor(of actor: Actor, _ connection: Connection) async throws {
    try await connection.execute(
      "update people set totp_secret = null, totp_since = null, totp_step = 0 where id = \(actor.userID)")
    try await connection.execute("delete from recovery_codes where person_id = \(actor.userID)")
    try await note(.turnSecondFactorOff, .person(actor), by: actor, connection)
  }

  /// Whether the one who asks signs in with a second factor, and how many recovery codes he has left.
  public func secondFactor(by actor: Actor) async throws -> (isOn: Bool, recoveryCodes: Int) {
    try actor.requireWholePerson()
    let row = try await database.query(
      """
      select totp_since is not null as is_on,
        (select count(*) from recovery_codes where person_id = people.id) as codes
      from people where id = \(actor.userID)
      """)[0]
    return (try row.get("is_on"), try row.get("codes"))
  }

  // MARK: - Signing in

  /// Whether `code` is the present code of the person's program, or a recovery code of his. It is used up.
  func usesSecondFactor(of person: UUID, _ code: String) async throws -> Bool {
    try await database.transaction { connection in
      guard let factor = try await factor(of: person, connection), factor.isOn else { return false }
      if let step = factor.password.step(of: Self.digits(code), at: Date(), after: factor.usedStep) {
        try await connection.execute("update people set totp_step = \(step) where id = \(person)")
        return true
      }
      return try await connection.execute(
        "delete from recovery_codes where person_id = \(person) and code_hash = \(RecoveryCode.hash(of: code))"
      ) > 0
    }
  }

  /// The code as it counts: people type it in groups.
  private static func digits(_ code: String) -> String { code.filter { !$0.isWhitespace } }

  private struct Factor {
    let password: OneTimePassword
    let isOn: Bool
    let usedStep: Int
  }

  /// The person's second factor, held until the end of the transaction, so that no code is used twice.
  private func factor(of person: UUID, _ connection: Connection) async throws -> Factor? {
    let row = try await connection.query(
      "select totp_secret, totp_since is not null as is_on, totp_step from people where id = \(person) for update"
    ).first
    guard let row, let sealed: Data = try row.get("totp_secret") else { return nil }
    let secret = try masterKey.open(sealed, in: .secondFactor, of: person)
    guard let bytes = Data(base64Encoded: secret.reveal()) else {
      throw HostingError(.internal, "The second factor of a person is not what was written.")
    }
    return Factor(
      password: OneTimePassword(secret: bytes), isOn: try row.get("is_on"), usedStep: try row.get("totp_step")
    )
  }

  private func renewRecoveryCodes(of person: UUID, _ connection: Connection) async throws -> [Secret] {
    let codes = (0..<Self.recoveryCodes).map { _ in RecoveryCode().text }
    try await connection.execute("delete from recovery_codes where person_id = \(person)")
    try await connection.execute(
      """
      insert into recovery_codes (person_id, code_hash)
      select \(person), unnest(\(codes.map { RecoveryCode.hash(of: $0) }))
      """)
    return codes.map { Secret($0) }
  }

  /// Refuses whoever has only found the person's browser open.
  ///
  /// - Throws: `HostingError` with code `invalid`, or `unauthenticated` after too many failures.
  func requirePassword(_ password: String, of actor: Actor) async throws {
    let outcome = try await attempt(["person \(actor.email)"]) {
      let row = try await database.query("select password_hash from people where id = \(actor.userID)").first
      return try await passwords.verify(password, against: try row?.get("password_hash")) ? .right : .wrong
    }
    guard outcome == .right else {
      throw HostingError.wrongPassword(sendsMail: sendsMail)
    }
  }
}

extension HostingError {
  /// What was typed is not the person's password, who may never have been given one: a link signs in without.
  static func wrongPassword(sendsMail: Bool) -> HostingError {
    .invalid(
      [.init("password", "This is not your password.")],
      suggestion: "Who forgot it, or was never given one, chooses a new one by a link: "
        + (sendsMail
          ? "“forgotten it?” on the page for signing in sends it."
          : "odeumd admin link on the machine of the control plane makes it."))
  }

  static let wrongCode = HostingError.invalid([
    .init("code", "This code is not right, or was used before. A new one comes every 30 seconds.")
  ])
}
