import Foundation

/// One change as the audit log has it.
public struct AuditEntry: Sendable, Equatable {
  /// Its number among those of its organisation, counted from 1 without a gap.
  public var id: Int
  /// When it was written.
  public var at: Date
  /// The organisation that it concerns; nil for the installation as a whole.
  public var organisation: UUID?
  /// The person; nil for the control plane itself and for whoever could not say who he is.
  public var person: UUID?
  /// The person's address at that time.
  public var who: String
  /// By which door the request came.
  public var door: String
  /// The IP address it came from, where there was one.
  public var address: String?
  /// What was done, as ``AuditAction`` names it; one of a newer release may be among them.
  public var action: String
  /// To what it was done.
  public var subject: AuditSubject
  /// What it was before: the members that changed, as a JSON object.
  public var before: String?
  /// What it has been since: the same members.
  public var after: String?
}

/// What a change was made to.
public struct AuditSubject: Sendable, Equatable {
  /// What kind of thing: `instance`, `server`, `person`, `token`, `organisation`, `job`, `installation`.
  public var kind: String
  /// Its identity, where it has one.
  public var id: UUID?
  /// Its name at that time.
  public var name: String

  /// A thing of that kind.
  public init(_ kind: String, _ id: UUID?, _ name: String) {
    self.kind = kind
    self.id = id
    self.name = name
  }

  static func instance(_ instance: Instance) -> AuditSubject {
    AuditSubject("instance", instance.id, instance.name.text)
  }

  static func server(_ server: Server) -> AuditSubject { AuditSubject("server", server.id, server.name) }

  static func person(_ actor: Actor) -> AuditSubject { AuditSubject("person", actor.userID, actor.email) }
}
