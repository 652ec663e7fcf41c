import Foundation

extension API {
  /// Whether a person signs in with a second factor.
  public struct SecondFactor: Codable, Sendable, Equatable {
    /// Whether a code is asked for at sign-in.
    public var isOn: Bool
    /// How many recovery codes are left.
    public var recoveryCodes: Int

    /// The state of a second factor.
    public init(isOn: Bool, recoveryCodes: Int) {
      self.isOn = isOn
      self.recoveryCodes = recoveryCodes
    }
  }

  /// A new password of who asks.
  public struct PasswordChange: Codable, Sendable, Equatable {
    /// The present one.
    public var password: String
    /// The one that takes its place.
    public var newPassword: String

    /// A change of one to the other.
    public init(password: String, newPassword: String) {
      self.password = password
      self.newPassword = newPassword
    }
  }

  /// The password of who asks, which every change of the second factor wants.
  public struct PasswordProof: Codable, Sendable, Equatable {
    /// The password.
    public var password: String

    /// A proof by that password.
    public init(password: String) { self.password = password }
  }

  /// A code of the program that has a second factor's secret.
  public struct CodeProof: Codable, Sendable, Equatable {
    /// Six digits.
    public var code: String

    /// A proof by that code.
    public init(code: String) { self.code = code }
  }

  /// A second factor that was begun and is not on yet.
  public struct NewSecondFactor: Codable, Sendable, Equatable {
    /// The secret, as it is typed into a program.
    public var secret: String
    /// The same for a QR code: `otpauth://totp/…`.
    public var address: String

    /// A new secret.
    public init(secret: String, address: String) {
      self.secret = secret
      self.address = address
    }
  }

  /// Codes each of which lets the person in once without his second factor; they are said once.
  public struct RecoveryCodes: Codable, Sendable, Equatable {
    /// The codes.
    public var recoveryCodes: [String]

    /// These codes.
    public init(recoveryCodes: [String]) { self.recoveryCodes = recoveryCodes }
  }

  /// A browser in which a person is signed in.
  public struct Session: Codable, Sendable, Equatable {
    /// The identity, for ending it.
    public var id: UUID
    /// The IP address from which the person signed in.
    public var address: String
    /// What the browser called itself then.
    public var userAgent: String
    /// When the person signed in.
    public var createdAt: Date
    /// When it was last used, to the minute.
    public var seenAt: Date
    /// Whether it is the one by which is asked.
    public var isPresent: Bool

    /// A session with everything that is known of it.
    public init(
      id: UUID, address: String, userAgent: String, createdAt: Date, seenAt: Date, isPresent: Bool
    ) {
      self.id = id
      self.address = address
      self.userAgent = userAgent
      self.createdAt = createdAt
      self.seenAt = seenAt
      self.isPresent = isPresent
    }
  }

  /// How many sessions were ended.
  public struct EndedSessions: Codable, Sendable, Equatable {
    /// The number.
    public var ended: Int

    /// That many.
    public init(ended: Int) { self.ended = ended }
  }
}
