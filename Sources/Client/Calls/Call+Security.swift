import Foundation

extension API.Call where Answer == API.SecondFactor {
  /// Whether the person who asks signs in with a second factor.
  public static var secondFactor: Self { Self(.get, "account", "second-factor") }
}

extension API.Call where Answer == API.NewSecondFactor {
  /// Begins to set up a second factor; it is on once a code was confirmed.
  public static func beginSecondFactor(password: String) throws -> Self {
    Self(
      .post, "account", "second-factor", body: try API.encoder().encode(API.PasswordProof(password: password))
    )
  }
}

extension API.Call where Answer == API.RecoveryCodes {
  /// Turns the second factor on that was begun.
  public static func confirmSecondFactor(code: String) throws -> Self {
    Self(
      .post, "account", "second-factor", "confirm", body: try API.encoder().encode(API.CodeProof(code: code)))
  }

  /// Makes new recovery codes in the place of the former ones.
  public static func renewRecoveryCodes(password: String) throws -> Self {
    Self(
      .post, "account", "second-factor", "recovery-codes",
      body: try API.encoder().encode(API.PasswordProof(password: password)))
  }
}

extension API.Call where Answer == API.Nothing {
  /// Changes the password of the person who asks; his sessions end, but for the one by which is asked.
  public static func changePassword(_ password: String, to newPassword: String) throws -> Self {
    Self(
      .post, "account", "password",
      body: try API.encoder().encode(API.PasswordChange(password: password, newPassword: newPassword)))
  }

  /// Turns the second factor of the person who asks off.
  public static func turnSecondFactorOff(password: String) throws -> Self {
    Self(
      .post, "account", "second-factor", "off",
      body: try API.encoder().encode(API.PasswordProof(password: password)))
  }

  /// Ends the session `id` of the person who asks.
  public static func endSession(_ id: UUID) -> Self {
    Self(.delete, "account", "sessions", id.uuidString.lowercased())
  }
}

extension API.Call where Answer == API.Page<API.Session> {
  /// Where the person who asks is signed in.
  public static var sessions: Self { Self(.get, "account", "sessions") }
}

extension API.Call where Answer == API.EndedSessions {
  /// Ends every session of the person who asks but the one by which is asked.
  public static var endOtherSessions: Self { Self(.delete, "account", "sessions") }
}
