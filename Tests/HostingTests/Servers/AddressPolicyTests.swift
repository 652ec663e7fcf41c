import Foundation
import PostgresTesting
import Remote
import Synchronization
import Testing

@testable import Hosting

/// Who runs servers of an organisation, and what he could find out through the control plane.
@Suite(.serialized) struct AddressPolicyTests {
  private static let text = "leads to no address that is public or opened to organisations"

  /// Every way of an owner who is no operator to have an address asked.
  private static let ways: [(String, @Sendable (Hosting, String, Int, Actor) async throws -> Void)] = [
    ("scan", { _ = try await $0.hostKeys(of: $1, port: $2, by: $3) }),
    (
      "add",
      {
        var wish = NewServer(name: "inside", address: $1)
        wish.port = $2
        _ = try await $0.addServer(wish, by: $3)
      }
    ),
    (
      "edit",
      {
        var change = ServerChange()
        change.address = $1
        change.port = $2
        _ = try await $0.editServer("web1", change, by: $3)
      }
    ),
  ]

  private func refusal(_ body: () async throws -> Void) async -> HostingError? {
    await #expect(throws: HostingError.self) { try await body() }
  }

  private func withServer(
    opened: [String] = [], _ body: @Sendable (Hosting, Actor, PrivateSSHServer) async throws -> Void
  ) async throws {
    let ssh = try await PrivateSSHServer()
    do {
      var configuration = HostingConfiguration()
      configuration.openedNetworks = opened.compactMap { AddressRange($0) }
      try await withHosting(configuration: configuration) { hosting in
        let actor = try await hosting.person(Hosting.firstEmail)
        var wish = NewServer(name: "web1", address: "127.0.0.1")
        wish.port = ssh.port
        wish.user = PrivateSSHServer.user
        wish.hostKey = try await ssh.fingerprint()
        _ = try await hosting.addServer(wish, by: actor)
        try await body(hosting, actor, ssh)
        await hosting.disconnect()
      }
    } catch {
      await ssh.remove()
      throw error
    }
    await ssh.remove()
  }

  @Test func `who runs servers of an organisation finds out what is inside, by one of the ways`() async throws
  {
    let door = try Doorkeeper()
    defer { door.end() }
    try await withServer { hosting, actor, _ in
      var owner = actor
      owner.isOperator = false
      let own = AddressLookup.ofThisMachine().sorted()
      let inside =
        ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "::1", "::ffff:127.0.0.1", "0.0.0.0"]
        + [
          "169.254.169.254", "fd00:ec2::254", "168.63.129.16", "10.0.0.7", "192.168.0.1",
          "no-such-host.invalid",
        ]
      for address in inside + own {
        for (name, way) in Self.ways {
          let error = await refusal { [owner] in try await way(hosting, address, door.port, owner) }
          #expect(error?.code == .invalid && error?.fields.map(\.name) == ["address"], "\(name) \(address)")
          #expect(error?.message.contains(Self.text) == true, "\(name) \(address)")
        }
      }
      #expect(door.visits == 0)
      // An operator asks anywhere; what answers there is no SSH server.
      await #expect(throws: HostingError.self) {
        _ = try await hosting.hostKeys(of: "127.0.0.1", port: door.port, by: actor)
      }
      #expect(door.visits > 0)
    }
  }

  @Test func `what the operator opened stays closed, or the control plane itself is open with it`()
    async throws
  {
    try await withServer(opened: ["10.0.0.0/8", "0.0.0.0/0", "::/0"]) { hosting, actor, ssh in
      var owner = actor
      owner.isOperator = false
      var policy = hosting.configuration.addressPolicy
      policy.own = { [] }
      #expect(policy.permits("10.9.9.9") && policy.permits("192.168.0.1") && policy.permits("fd00::1"))
      for address in ["127.0.0.1", "169.254.169.254", "::1", "fe80::1", "168.63.129.16"] {
        #expect(!policy.permits(address), "\(address)")
      }
      let error = await refusal { [owner] in
        _ = try await hosting.hostKeys(of: "127.0.0.1", port: ssh.port, by: owner)
      }
      #expect(error?.message.contains(Self.text) == true)
    }
  }

  @Test func `a name that leads inside a moment later takes the connection along`() async throws {
    let answers = Mutex([["1.1.1.1"], ["127.0.0.1"], ["127.0.0.1", "9.9.9.9"]])
    let policy = AddressPolicy(
      lookUp: { _ in answers.withLock { $0.isEmpty ? [] : $0.removeFirst() } }, own: { [] })
    let target = try SSHTarget(address: "rebinds.example.com", port: 2222)
    let first = try await policy.route(target)
    #expect(first.route == "1.1.1.1" && first.name == "rebinds.example.com:2222")
    // Each connection asks anew, and goes nowhere then.
    await #expect(throws: SSHError.addressRefused(host: target.name)) { try await policy.route(target) }
    #expect(try await policy.route(target).route == "9.9.9.9")
  }

  @Test func `a server that an operator put inside is lost, or may be turned against its neighbours`()
    async throws
  {
    try await withServer { hosting, actor, ssh in
      var owner = actor
      owner.isOperator = false
      let server = try await hosting.server("web1", by: owner)
      #expect(server.leadsAnywhere && server.organisationID == actor.organisationID)
      var note = ServerChange()
      note.note = "rack 4"
      _ = try await hosting.editServer("web1", note, by: owner)
      #expect(try await hosting.server("web1", by: owner).leadsAnywhere)
      var port = ServerChange()
      port.port = 22
      let moved = await refusal { [owner, port] in
        _ = try await hosting.editServer("web1", port, by: owner)
      }
      #expect(moved?.message.contains(Self.text) == true)
      // Had it come in by another way, it would be asked before each connection.
      try await hosting.database.execute("update servers set leads_anywhere = false where name = 'web1'")
      try await ssh.letIn(try #require(server.access?.publicKey))
      let away = try await hosting.server("web1", by: owner)
      await #expect(throws: SSHError.addressRefused(host: "127.0.0.1:\(ssh.port)")) {
        try await hosting.fleet.visit(away) {
          _ = try await $0.host.output(of: Command("true"), deadline: .seconds(10))
        }
      }
      try await withWorker(hosting) {
        let job = try await hosting.validateServer("web1", by: actor)
        #expect(try await end(of: job, hosting, actor) == .failed)
        #expect(try await hosting.operation(job.id, by: actor).reason?.contains(Self.text) == true)
      }
      // An operator who confirms where it is, lifts that again.
      var confirmed = ServerChange()
      confirmed.hostKey = try await ssh.fingerprint()
      _ = try await hosting.editServer("web1", confirmed, by: actor)
      #expect(try await hosting.server("web1", by: owner).leadsAnywhere)
    }
  }
}

/// Listens on loopback and counts who comes.
private final class Doorkeeper: Sendable {
  let port: Int
  private let listener: Int32
  private let count = Mutex(0)

  init() throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    try #require(isOpen)
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in
      while case let visitor = accept(listener, nil, nil), visitor >= 0 {
        count.withLock { $0 += 1 }
        close(visitor)
      }
    }
  }

  /// Lets nobody in any more.
  func end() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// How many came.
  var visits: Int { count.withLock { $0 } }
}
