import Foundation
import Postgres
import Remote
import Testing

@testable import Hosting

/// Servers over a real SSH server, which is this machine under another port.
@Suite(.serialized) struct ServerUseCaseTests {
  private struct Stage {
    let hosting: Hosting
    let operatorActor: Actor
    let ssh: PrivateSSHServer

    func wish(_ name: String = "web1") async throws -> NewServer {
      var wish = NewServer(name: name, address: "127.0.0.1")
      wish.port = ssh.port
      wish.user = PrivateSSHServer.user
      wish.hostKey = try await ssh.fingerprint()
      return wish
    }

    func refusal(_ body: () async throws -> Void) async -> HostingError? {
      await #expect(throws: HostingError.self) { try await body() }
    }
  }

  private func withStage(_ body: @Sendable (Stage) async throws -> Void) async throws {
    let ssh = try await PrivateSSHServer()
    do {
      try await withHosting { hosting in
        try await body(
          Stage(hosting: hosting, operatorActor: try await hosting.person(Hosting.firstEmail), ssh: ssh))
      }
    } catch {
      await ssh.remove()
      throw error
    }
    await ssh.remove()
  }

  /// Works on jobs beside `body`.
  private func working(_ stage: Stage, _ body: @Sendable () async throws -> Void) async throws {
    let worker = Task {
      try await stage.hosting.runWorker(operationsAtOnce: 2, identity: UUID().uuidString, holdsFolder: true)
    }
    defer { worker.cancel() }
    try await body()
  }

  @Test func `a host key that nobody has compared is shown, and nothing is added`() async throws {
    try await withStage { stage in
      let shown = try await stage.hosting.hostKeys(
        of: "127.0.0.1", port: stage.ssh.port, by: stage.operatorActor)
      #expect(shown.map(\.fingerprint) == [try await stage.ssh.fingerprint()])
      var wish = try await stage.wish()
      wish.hostKey = nil
      var error = await stage.refusal { _ = try await stage.hosting.addServer(wish, by: stage.operatorActor) }
      #expect(error?.fields.map(\.name) == ["hostKey"])
      #expect(error?.message.contains(shown[0].fingerprint) == true)
      wish.hostKey = "SHA256:b3oqSNyXcCwlcFX0DRqh55iHUeFIxzBqdHjczOY7y3E"
      error = await stage.refusal { _ = try await stage.hosting.addServer(wish, by: stage.operatorActor) }
      #expect(error?.message.contains("does not show the host key SHA256:b3oq") == true)
      #expect(try await stage.hosting.servers(by: stage.operatorActor).map(\.name) == ["local"])
    }
  }

  @Test func `the same request under the same key adds a second server, or connects once more`() async throws
  {
    try await withStage { stage in
      let actor = stage.operatorActor
      let key = try IdempotencyKey("k", wish: Data("web1".utf8))
      let first = try await stage.hosting.addServer(stage.wish(), idempotencyKey: key, by: actor)
      // It would be refused if anybody looked.
      var wish = try await stage.wish()
      wish.hostKey = "SHA256:b3oqSNyXcCwlcFX0DRqh55iHUeFIxzBqdHjczOY7y3E"
      let second = try await stage.hosting.addServer(wish, idempotencyKey: key, by: actor)
      #expect(second.server.id == first.server.id)
      #expect(second.server.access?.publicKey == first.server.access?.publicKey)
      // Who asks for something else under it does not get what he did not ask for.
      let other = try IdempotencyKey("k", wish: Data("web2".utf8))
      let refused = await stage.refusal {
        _ = try await stage.hosting.addServer(wish, idempotencyKey: other, by: actor)
      }
      #expect(refused?.code == .invalid && refused?.fields.map(\.name) == ["Idempotency-Key"])
      try await stage.hosting.removeServer("web1", force: true, by: actor)
      let error = await stage.refusal {
        _ = try await stage.hosting.addServer(wish, idempotencyKey: key, by: actor)
      }
      #expect(error?.code == .conflict && error?.fields.map(\.name) == ["Idempotency-Key"])
    }
  }

  @Test func `a key that is made is sealed, shown by its public half, and let in is what validates`()
    async throws
  {
    try await withStage { stage in
      let actor = stage.operatorActor
      let added = try await stage.hosting.addServer(try await stage.wish(), by: actor)
      #expect(added.operation == nil)
      #expect(added.notes.first?.contains("odeum server validate web1") == true)
      let access = try #require(added.server.access)
      #expect(access.publicKey.hasPrefix("ssh-ed25519 "))
      let sealed = try #require(
        try await stage.hosting.serverStore.privateKey(of: added.server.id, atOnce))
      #expect(String(decoding: sealed, as: UTF8.self).contains("OPENSSH") == false)
      // A sealed key that was copied to another server does not open there.
      #expect(throws: HostingError.self) {
        try stage.hosting.masterKey.open(sealed, in: .serverKey, of: UUID())
      }
      try await working(stage) {
        let refused = try await stage.hosting.validateServer("web1", by: actor)
        #expect(try await end(of: refused, stage.hosting, actor) == .failed)
        let reason = try await stage.hosting.operation(refused.id, by: actor).reason
        #expect(reason?.contains("does not accept our key for the user") == true)
        try await stage.ssh.letIn(access.publicKey)
        let second = try await stage.hosting.validateServer("web1", by: actor)
        _ = try await end(of: second, stage.hosting, actor)
        let steps = try await stage.hosting.operation(second.id, by: actor).steps
        // How fit this machine is for instances is not the question here.
        #expect(steps.prefix(2).map(\.state) == [.done, .done])
      }
    }
  }

  @Test func `another host key than the pinned one stops everything before a sign-in`() async throws {
    try await withStage { stage in
      let actor = stage.operatorActor
      let added = try await stage.hosting.addServer(try await stage.wish(), by: actor)
      let before = try await stage.ssh.fingerprint()
      try await stage.ssh.letIn(try #require(added.server.access).publicKey)
      try await stage.ssh.makeHostKey()
      try await stage.ssh.restart()
      try await working(stage) {
        let validation = try await stage.hosting.validateServer("web1", by: actor)
        #expect(try await end(of: validation, stage.hosting, actor) == .failed)
        let ended = try await stage.hosting.operation(validation.id, by: actor)
        #expect(ended.steps.first { $0.state == .failed }?.name == "Reach it")
        #expect(ended.reason?.contains("another host key than the pinned one (\(before))") == true)
        #expect(try await stage.hosting.server("web1", by: actor).status == .unavailable)
      }
      // Somebody compares the new one.
      var change = ServerChange()
      change.note = "installed anew"
      #expect(try await stage.hosting.editServer("web1", change, by: actor).operation == nil)
      change.hostKey = try await stage.ssh.fingerprint()
      let changed = try await stage.hosting.editServer("web1", change, by: actor)
      #expect(changed.operation?.kind == "server.validate")
      #expect(changed.server.access?.hostKeys.map(\.fingerprint) == [try await stage.ssh.fingerprint()])
    }
  }

  @Test func `a wrong password and a server that takes none are told apart, and add nothing`() async throws {
    try await withStage { stage in
      var wish = try await stage.wish()
      wish.signIn(withKey: nil, orPassword: "not the one")
      var error = await stage.refusal { _ = try await stage.hosting.addServer(wish, by: stage.operatorActor) }
      #expect(error?.fields.map(\.name) == ["password"])
      #expect(error?.message.contains("does not let \(PrivateSSHServer.user) in by password") == true)
      try await stage.ssh.restart(passwords: true)
      error = await stage.refusal { _ = try await stage.hosting.addServer(wish, by: stage.operatorActor) }
      #expect(error?.message.contains("does not accept this password for the user") == true)
      #expect(try await stage.hosting.servers(by: stage.operatorActor).count == 1)
    }
  }

  @Test func `a key with a passphrase is refused with what to do`() async throws {
    try await withStage { stage in
      let file = "\(stage.ssh.folder)/mine"
      try await LocalHost().output(
        of: Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "open sesame", "-f", Word(file)),
        deadline: .seconds(20))
      var wish = try await stage.wish()
      wish.signIn(withKey: try String(contentsOfFile: file, encoding: .utf8), orPassword: nil)
      let error = await stage.refusal { _ = try await stage.hosting.addServer(wish, by: stage.operatorActor) }
      #expect(error?.message == "The private key is protected by a passphrase.")
      #expect(error?.suggestion?.contains("ssh-keygen -p -N ''") == true)
      #expect(error?.fields.map(\.name) == ["privateKey"])
    }
  }

  @Test func `a name and an address are taken once, also by two at the same time`() async throws {
    try await withStage { stage in
      let actor = stage.operatorActor
      _ = try await stage.hosting.addServer(try await stage.wish(), by: actor)
      let same = try await stage.wish("web2")
      var error = await stage.refusal { _ = try await stage.hosting.addServer(same, by: actor) }
      #expect(error?.code == .conflict)
      #expect(error?.message == "There is a server at 127.0.0.1, port \(stage.ssh.port), already.")
      error = await stage.refusal {
        _ = try await stage.hosting.addServer(try await stage.wish("local"), by: actor)
      }
      #expect(error?.message == "The name “local” is not available.")
      // The look comes before the insert; the database decides.
      let rows = try await stage.hosting.database.query("select * from servers where name = 'web1'")
      #expect(rows.count == 1)
      let insert = await #expect(throws: PostgresError.self) {
        try await stage.hosting.database.execute(
          """
          insert into servers (id, organisation_id, name, kind, address, port, ssh_user, host_keys, public_key, private_key)
          select \(UUID()), organisation_id, 'web3', kind, upper(address), port, ssh_user, host_keys, public_key,
            private_key
          from servers where name = 'web1'
          """)
      }
      #expect(insert?.isUniqueViolation("servers_address") == true)
    }
  }

  @Test func `a name and an address of another organisation's server are free, what one sees is not`()
    async throws
  {
    try await withStage { stage in
      let hosting = stage.hosting
      let actor = stage.operatorActor
      _ = try await hosting.createOrganisation(slug: "globex", name: nil, by: actor)
      let other = try await hosting.person(Hosting.firstEmail, in: "globex")
      let ours = try await hosting.addServer(try await stage.wish(), by: actor).server
      let theirs = try await hosting.addServer(try await stage.wish(), by: other).server
      #expect(ours.id != theirs.id && ours.name == theirs.name && ours.address == theirs.address)
      #expect(try await hosting.server("web1", by: actor).id == ours.id)
      #expect(try await hosting.server("web1", by: other).id == theirs.id)

      var shared = try await stage.wish("all")
      shared.isOperators = true
      shared.sharedWith = ["globex"]
      var error = await stage.refusal { [shared] in _ = try await hosting.addServer(shared, by: actor) }
      #expect(error?.message.contains("There is a server at 127.0.0.1") == true, "globex has one there")
      shared.address = "localhost"
      _ = try await hosting.addServer(shared, by: actor)
      for name in ["web1", "all"] {
        var change = ServerChange()
        change.name = name
        let (asked, reference, person) = name == "all" ? (change, "web1", other) : (change, "all", actor)
        error = await stage.refusal { _ = try await hosting.editServer(reference, asked, by: person) }
        #expect(error?.message == "The name “\(name)” is not available.")
      }
    }
  }

  @Test func `a server with instances stays, and force is for a machine that is gone`() async throws {
    try await withStage { stage in
      let (hosting, actor) = (stage.hosting, stage.operatorActor)
      let server = try await hosting.addServer(try await stage.wish(), by: actor).server
      let creation = try await hosting.createInstance(
        NewInstance(name: "shop"), idempotencyKey: nil, by: actor
      ).operation
      try await hosting.database.execute("update instances set server_id = \(server.id)")
      try await hosting.database.execute("update job set lane = \(server.id) where id = \(creation.id)")
      var error = await stage.refusal { try await hosting.removeServer("web1", force: false, by: actor) }
      #expect(error?.message == "web1 holds 1 instance: shop.")
      try await hosting.serverStore.setSeen(
        server.id, .ready, reason: "Docker answers.", facts: nil, atOnce)
      error = await stage.refusal { try await hosting.removeServer("web1", force: true, by: actor) }
      #expect(error?.message.contains("It answers, so they can be removed properly.") == true)
      try await hosting.serverStore.setSeen(
        server.id, .unavailable, reason: "Gone.", facts: nil, atOnce)
      error = await stage.refusal { try await hosting.removeServer("web1", force: true, by: actor) }
      #expect(error?.message.contains("in production") == true)
      try await hosting.database.execute("update instances set stage = 'dev'")
      try await hosting.removeServer("web1", force: true, by: actor)
      #expect(try await hosting.servers(by: actor).map(\.name) == ["local"])
      // No tombstone: what comes back with the machine is unknown, not removed.
      #expect(try await hosting.database.query("select from instances").isEmpty)
      let noted = try await hosting.audit(page: PageRequest(), by: actor).items.map(\.action)
      #expect(noted.contains(AuditAction.removeInstance.rawValue))
      // What was under way there ends, though nobody can hold its lane any more.
      let worker = Task {
        try await hosting.runWorker(operationsAtOnce: 4, identity: UUID().uuidString, holdsFolder: true)
      }
      #expect(try await end(of: creation, hosting, actor) == .failed)
      worker.cancel()
      _ = await worker.result
      // Its name and its address are free again.
      _ = try await hosting.addServer(try await stage.wish(), by: actor)
    }
  }

  @Test func `who may do what depends on whose server it is`() async throws {
    try await withStage { stage in
      let hosting = stage.hosting
      var owner = stage.operatorActor
      owner.isOperator = false
      // The operator's: its owner sees it, and changes nothing.
      var error = await stage.refusal { _ = try await hosting.setMode(of: "local", to: .draining, by: owner) }
      #expect(error?.code == .forbidden)
      var wish = try await stage.wish()
      wish.isOperators = true
      let operators = wish
      error = await stage.refusal { _ = try await hosting.addServer(operators, by: owner) }
      #expect(error?.code == .forbidden)
      // The organisation's own: owners and admins. Where it is, an operator has said.
      _ = try await hosting.addServer(try await stage.wish(), by: stage.operatorActor)
      #expect(try await hosting.setMode(of: "web1", to: .draining, by: owner).mode == .draining)
      var developer = owner
      developer.role = .developer
      for body: @Sendable (Actor) async throws -> Void in [
        { _ = try await hosting.setMode(of: "web1", to: .active, by: $0) },
        { _ = try await hosting.validateServer("web1", by: $0) },
        { _ = try await hosting.prepareServer("web1", by: $0) },
        { _ = try await hosting.editServer("web1", ServerChange(), by: $0) },
        { try await hosting.removeServer("web1", force: false, by: $0) },
        { _ = try await hosting.hostKeys(of: "127.0.0.1", port: 22, by: $0) },
      ] {
        let refused = await stage.refusal { [developer] in try await body(developer) }
        #expect(refused?.code == .forbidden)
      }
      var stranger = owner
      stranger.organisationID = UUID()
      let unseen = await stage.refusal { [stranger] in _ = try await hosting.server("web1", by: stranger) }
      #expect(unseen?.code == .notFound)
    }
  }

  @Test func `drained takes nothing new, and maintenance begins nothing`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.person(Hosting.firstEmail)
      _ = try await hosting.createInstance(NewInstance(name: "shop"), idempotencyKey: nil, by: actor)
      _ = try await hosting.setMode(of: "local", to: .draining, by: actor)
      var wish = NewInstance(name: "other")
      for server in [nil, "local"] {
        wish.server = server
        let asked = wish
        let error = await #expect(throws: HostingError.self) {
          _ = try await hosting.createInstance(asked, idempotencyKey: nil, by: actor)
        }
        #expect(error?.code == .conflict)
        #expect(error?.message.contains("It is drained: it takes no new instances.") == true)
      }
      _ = try await hosting.setMode(of: "local", to: .maintenance, by: actor)
      try await hosting.database.execute("update instances set stage = 'dev'")
      let error = await #expect(throws: HostingError.self) {
        _ = try await hosting.removeInstance("shop", by: actor)
      }
      #expect(error?.message == "local is in maintenance, and nothing is begun with its instances.")
      _ = try await hosting.setMode(of: "local", to: .active, by: actor)
      _ = try await hosting.removeInstance("shop", by: actor)
    }
  }

  @Test func `the machine of the control plane stays, and is no second server over SSH`() async throws {
    try await withStage { stage in
      let error = await stage.refusal {
        try await stage.hosting.removeServer("local", force: true, by: stage.operatorActor)
      }
      #expect(error?.message == "local is the machine of the control plane and stays.")
    }
  }

  @Test func `nothing is done on a server that was not validated`() async throws {
    try await withStage { stage in
      let server = try await stage.hosting.addServer(try await stage.wish(), by: stage.operatorActor).server
      let runtime = await stage.hosting.fleet.looking(at: server.reference)
      let error = await stage.refusal { _ = try await runtime.host.listeningPorts() }
      #expect(error?.message == "web1 was not validated since the way to it was set.")
      await #expect(throws: HostingError.self) { try await runtime.engine.version() }
      #expect(try await stage.hosting.serverStore.all(atOnce).map(\.name) == ["local"])
    }
  }
}
