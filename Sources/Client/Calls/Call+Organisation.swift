import Foundation

extension API.Call where Answer == API.Page<API.Membership> {
  /// The organisations that the person who asks belongs to.
  public static var memberships: Self { Self(.get, "organisations") }
}

extension API.Call where Answer == API.PlanUse {
  /// The plan of the organisation, and what of it is in use.
  public static var plan: Self { Self(.get, "plan") }
}

extension API.Call where Answer == API.Page<API.Organisation> {
  /// Every organisation of the installation, for operators.
  public static var organisations: Self { Self(.get, "installation", "organisations") }
}

extension API.Call where Answer == API.Nothing {
  /// Removes the organisation with that slug, which has nothing left.
  public static func removeOrganisation(_ slug: String) -> Self {
    Self(.delete, "installation", "organisations", slug)
  }
}

extension API.Call where Answer == API.Organisation {
  /// The organisation with that slug, for operators.
  public static func organisation(_ slug: String) -> Self {
    Self(.get, "installation", "organisations", slug)
  }

  /// Makes an organisation. The same `idempotencyKey` again gets the same answer, without a second one.
  public static func createOrganisation(
    _ wish: API.CreateOrganisation, idempotencyKey: String? = nil
  ) throws -> Self {
    Self(
      .post, "installation", "organisations", headers: [(API.idempotencyKey, idempotencyKey)],
      body: try API.encoder().encode(wish))
  }

  /// Changes an organisation and what it may have.
  public static func changeOrganisation(_ slug: String, _ change: API.ChangeOrganisation) throws -> Self {
    Self(.patch, "installation", "organisations", slug, body: try API.encoder().encode(change))
  }
}
