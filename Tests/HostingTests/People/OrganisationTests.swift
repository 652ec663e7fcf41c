import Foundation
import Odoo
import Testing

@testable import Hosting

@Suite struct OrganisationTests {
  private func refused(_ code: HostingError.Code, _ body: () async throws -> Void) async {
    let error = await #expect(throws: HostingError.self) { try await body() }
    #expect(error?.code == code)
  }

  @Test func `who belongs to several organisations acts for the one that he names, else for the first`()
    async throws
  {
    try await withHosting { hosting in
      let first = try await hosting.person(Hosting.firstEmail)
      _ = try await hosting.createOrganisation(slug: "globex", name: "Globex", by: first)
      let link = try await hosting.makeSignInLink(
        for: first.email, purpose: .signIn, lifetime: .seconds(60))
      let session = try await hosting.useSignInLink(
        link.reveal(), newPassword: nil, address: "", userAgent: ""
      ).token.reveal()
      let plain = try #require(try await hosting.actor(session: session))
      #expect(plain.organisationSlug == "main" && plain.memberships == 2)
      let globex = try #require(try await hosting.actor(session: session, in: "globex"))
      #expect(globex.organisationSlug == "globex" && globex.role == .owner && globex.session == plain.session)
      #expect(try await hosting.memberships(by: globex).map(\.slug) == ["main", "globex"])
      await refused(.notFound) { _ = try await hosting.actor(session: session, in: "initech") }
      #expect(try await hosting.actor(session: "nobody", in: "globex") == nil)

      let token = try await hosting.createToken(name: "ci", expiresAt: nil, by: globex).secret.reveal()
      #expect(try await hosting.actor(apiToken: token)?.organisationSlug == "globex")
      #expect(try await hosting.actor(apiToken: token, in: "globex") != nil)
      await refused(.notFound) { _ = try await hosting.actor(apiToken: token, in: "main") }
      #expect(try await hosting.tokens(by: plain).isEmpty)
    }
  }

  @Test func `an organisation goes with its people and tokens once it has nothing, and frees its slug`()
    async throws
  {
    try await withHosting { hosting in
      let first = try await hosting.person(Hosting.firstEmail)
      _ = try await hosting.createOrganisation(slug: "globex", name: nil, by: first)
      let globex = try await hosting.person(Hosting.firstEmail, in: "globex")
      let token = try await hosting.createToken(name: "ci", expiresAt: nil, by: globex).secret.reveal()
      let server = UUID()
      try await hosting.database.execute(
        """
        insert into servers (id, name, kind, organisation_id, address, ssh_user, host_keys, public_key, private_key)
        values (\(server), 'rack', 'ssh', \(globex.organisationID), '192.0.2.7', 'root',
          '[{"type": "ssh-ed25519", "key": "AAAA", "fingerprint": "SHA256:x"}]', 'x', 'x')
        """)
      await #expect {
        try await hosting.removeOrganisation("globex", by: first)
      } throws: { error in
        (error as? HostingError)?.code == .conflict
          && (error as? HostingError)?.message == "globex cannot be removed: it still has the server rack."
      }
      try await hosting.database.execute("update servers set removed_at = now() where id = \(server)")
      try await hosting.removeOrganisation("globex", by: first)
      #expect(try await hosting.organisations(by: first).map(\.slug) == ["main"])
      #expect(try await hosting.memberships(by: first).map(\.slug) == ["main"])
      #expect(try await hosting.actor(apiToken: token) == nil)
      await refused(.notFound) { try await hosting.removeOrganisation("globex", by: first) }
      await refused(.notFound) { _ = try await hosting.plan(by: globex) }
      #expect(try await hosting.createOrganisation(slug: "globex", name: nil, by: first).members == 1)
    }
  }

  @Test func `no operator is left without an organisation, and nobody else removes one`() async throws {
    try await withHosting { hosting in
      let first = try await hosting.person(Hosting.firstEmail)
      await #expect {
        try await hosting.removeOrganisation("main", by: first)
      } throws: { error in
        (error as? HostingError)?.message
          == "main cannot be removed: it still has an operator who belongs to no other organisation: \(first.email)."
      }
      var other = first
      other.isOperator = false
      await refused(.forbidden) { try await hosting.removeOrganisation("main", by: other) }
    }
  }

  @Test func `an organisation that is not his is refused in the words of one that does not exist`()
    async throws
  {
    try await withHosting { hosting in
      let operatorActor = try await hosting.person(Hosting.firstEmail)
      let invitation = try await hosting.invite("ada@example.org", as: .viewer, by: operatorActor)
      let ada = try await hosting.acceptInvitation(
        invitation.secret.reveal(), password: "correct horse", address: "", userAgent: "")
      _ = try await hosting.createOrganisation(slug: "globex", name: nil, by: operatorActor)
      var told: [String] = []
      for slug in ["globex", "nobody"] {
        let error = await #expect(throws: HostingError.self) {
          try await hosting.actor(session: ada.token.reveal(), in: slug)
        }
        #expect(error?.code == .notFound)
        told.append(error?.description.replacing(slug, with: "SLUG") ?? "")
      }
      #expect(told[0] == told[1])
    }
  }

  @Test func `only operators make and change organisations, and both are in that organisation's log`()
    async throws
  {
    try await withHosting { hosting in
      let operatorActor = try await hosting.person(Hosting.firstEmail)
      var owner = operatorActor
      owner.isOperator = false
      await refused(.forbidden) { _ = try await hosting.createOrganisation(slug: "x", name: nil, by: owner) }
      await refused(.forbidden) { _ = try await hosting.organisations(by: owner) }
      await refused(.forbidden) { _ = try await hosting.changeOrganisation("main", name: "Mine", by: owner) }
      for (slug, person) in [("Bad Slug", nil), ("fine", "nobody@example.org")] as [(String, String?)] {
        await refused(.invalid) {
          _ = try await hosting.createOrganisation(slug: slug, name: nil, owner: person, by: operatorActor)
        }
      }
      await refused(.conflict) {
        _ = try await hosting.createOrganisation(slug: "main", name: nil, by: operatorActor)
      }
      let made = try await hosting.createOrganisation(slug: "globex", name: "Globex", by: operatorActor)
      #expect(made.members == 1 && made.plan.plan == Plan())
      var plan = Plan()
      plan.limits[.servers] = -1
      await refused(.invalid) {
        _ = try await hosting.changeOrganisation("globex", plan: plan, by: operatorActor)
      }
      plan.limits[.servers] = 2
      plan.lacks = [.ide]
      let changed = try await hosting.changeOrganisation("globex", plan: plan, by: operatorActor)
      #expect(changed.plan.plan == plan && changed.name == "Globex")
      let inside = try await hosting.person(Hosting.firstEmail, in: "globex")
      let entries = try await hosting.audit(page: PageRequest(limit: 10), by: inside).items
      #expect(entries.map(\.action) == ["organisation.change", "organisation.create"])
    }
  }

  @Test func `a name that another organisation has is free, and no container gets the same name twice`()
    async throws
  {
    try await withHosting { hosting in
      let main = try await hosting.person(Hosting.firstEmail)
      _ = try await hosting.createOrganisation(slug: "globex", name: nil, by: main)
      let globex = try await hosting.person(Hosting.firstEmail, in: "globex")
      for (actor, hostName) in [(main, nil), (globex, "shop-x")] as [(Actor, String?)] {
        try await hosting.database.execute(
          """
          insert into instances (id, organisation_id, server_id, name, host_name, version, edition, stage, base_port,
            origin, settings, database_password, master_password, status, status_reason)
          select \(UUID()), \(actor.organisationID), id, 'shop', \(hostName), '19.0', 'community', 'dev',
            \(hostName == nil ? 10_000 : 10_010),
            \(json: DatabaseOrigin(
              language: "en_US", country: nil, demo: false, modules: [], adminPassword: PasslibHash.ofRandomPassword(randomPassword()))),
            \(json: InstanceSettings(defaultsOf: .dev)), '\\x00', '\\x00', 'running', 'x'
          from servers limit 1
          """)
      }
      let ours = try await hosting.instance("shop", by: main)
      let theirs = try await hosting.instance("shop", by: globex)
      #expect(ours.id != theirs.id)
      #expect(ours.parts.odoo == "odeum-shop" && theirs.parts.odoo == "odeum-shop-x")
      await refused(.notFound) { _ = try await hosting.instance(theirs.id.uuidString, by: main) }
      // Nor is one that is called so on another server in the way.
      let another = UUID()
      try await hosting.database.execute(
        """
        insert into servers (id, name, kind, organisation_id, address, ssh_user, host_keys, public_key, private_key)
        values (\(another), 'rack', 'ssh', \(globex.organisationID), '192.0.2.7', 'root',
          '[{"type": "ssh-ed25519", "key": "AAAA", "fingerprint": "SHA256:x"}]', 'x', 'x')
        """)
      try await hosting.database.execute(
        "update instances set server_id = \(another), host_name = null where id = \(theirs.id)")
      #expect(try await hosting.instance("shop", by: globex).parts.odoo == "odeum-shop")
    }
  }
}
