import Foundation

extension API.Call where Answer == API.Page<API.Member> {
  /// The members of the organisation.
  public static var members: Self { Self(.get, "members") }
}

extension API.Call where Answer == API.Member {
  /// Says what the member `id` is and may do from now on.
  public static func changeMember(_ id: UUID, _ change: API.ChangeMember) throws -> Self {
    Self(.patch, "members", id.uuidString.lowercased(), body: try API.encoder().encode(change))
  }
}

extension API.Call where Answer == API.Page<API.Invitation> {
  /// The invitations that nobody has accepted.
  public static var invitations: Self { Self(.get, "invitations") }
}

extension API.Call where Answer == API.Invitation {
  /// Invites a person. The answer alone has the link.
  public static func invite(_ wish: API.Invite) throws -> Self {
    Self(.post, "invitations", body: try API.encoder().encode(wish))
  }
}

extension API.Call where Answer == API.Nothing {
  /// Takes the member `id` out of the organisation.
  public static func removeMember(_ id: UUID) -> Self { Self(.delete, "members", id.uuidString.lowercased()) }

  /// Leaves the organisation; the token by which it is sent ends with it.
  public static var leave: Self { Self(.delete, "members", "me") }

  /// Takes the invitation `id` back.
  public static func withdrawInvitation(_ id: UUID) -> Self {
    Self(.delete, "invitations", id.uuidString.lowercased())
  }
}

extension API {
  /// Which entries of the audit log are wanted; what is nil does not restrict it.
  public struct AuditSelection: Sendable, Equatable {
    /// An action such as `instance.create`, or what they begin with: `instance`.
    public var action: String?
    /// A text that who did it, the thing's name or what changed contains.
    public var search: String?
    /// From then on.
    public var from: Date?
    /// Before then.
    public var until: Date?

    /// Those that match everything that is given.
    public init(action: String? = nil, search: String? = nil, from: Date? = nil, until: Date? = nil) {
      (self.action, self.search, self.from, self.until) = (action, search, from, until)
    }

    var query: [(String, String?)] {
      [
        ("action", action), ("search", search), ("from", from?.formatted(.iso8601)),
        ("until", until?.formatted(.iso8601)),
      ]
    }
  }
}

extension API.Call where Answer == API.Page<API.AuditEntry> {
  /// Entries of the audit log, newest first.
  public static func audit(
    _ selection: API.AuditSelection = .init(), limit: Int? = nil, cursor: String? = nil
  ) -> Self {
    Self(.get, "audit", query: selection.query + [("limit", limit.map(String.init)), ("cursor", cursor)])
  }
}

extension API.Call where Answer == API.File {
  /// All entries of the audit log, newest first: a JSON document a line, or a table for a spreadsheet (`csv`).
  public static func auditExport(_ selection: API.AuditSelection = .init(), format: String) -> Self {
    Self(.get, "audit", "export", query: [("format", format)] + selection.query)
  }
}
