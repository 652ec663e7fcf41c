import Foundation
import Jobs
import PostgresTesting
import Remote
import RemoteTesting
import Testing

@testable import Hosting

/// A server over SSH whose network swallows everything: a proxy that goes on to take bytes and gives none back.
@Suite struct BlackHoleTests {
  @Test func `a hole that closes again is an alarm, or one that stays is none, or is one for ever`()
    async throws
  {
    let ssh = try await PrivateSSHServer()
    let proxy = try TestProxy(to: ssh.port)
    do {
      try await withHosting { hosting in
        let server = try await Self.server(behind: proxy, ssh, hosting)
        var timing = WatchTiming.quick
        timing.rhythm = .milliseconds(300)
        timing.patience = .milliseconds(500)
        timing.spread = .seconds(3)
        let watch = ServerWatch(of: server, under: 1, hosting, timing)
        let watching = Task { try await watch.run() }
        defer { watching.cancel() }
        func absence() async throws -> Server.Absence? {
          try await hosting.serverStore.get(server.id, atOnce)?.absence
        }
        try await eventually("it is seen") {
          try await hosting.serverStore.get(server.id, atOnce)?.seenAt != nil
        }

        proxy.isFrozen = true
        try await eventually("it is in doubt") { await watch.isInDoubt }
        proxy.isFrozen = false
        try await eventually("the doubt is over") { await !watch.isInDoubt }
        #expect(await watch.state == .present)

        proxy.isFrozen = true
        try await eventually("it is told") { try await absence() == .unreachable }
        let told = try await hosting.serverStore.get(server.id, atOnce)
        #expect(told?.statusReason.hasPrefix("hole does not answer. ") == true)
        proxy.isFrozen = false
        try await eventually("it is there again") { try await absence() == nil }
        watching.cancel()
        _ = await watching.result
        await hosting.disconnect()
        try await LocalHost().output(
          of: Command("rm", "-rf").operands(Word(OdeumFolders.ofInstallation(hosting.installation))),
          deadline: .seconds(30))
      }
    } catch {
      proxy.close()
      await ssh.remove()
      throw error
    }
    proxy.close()
    await ssh.remove()
  }

  /// This machine as a server behind `proxy`, found fit.
  private static func server(
    behind proxy: TestProxy, _ ssh: PrivateSSHServer, _ hosting: Hosting
  ) async throws -> Server {
    var wish = NewServer(name: "hole", address: "127.0.0.1")
    wish.port = proxy.port
    wish.user = PrivateSSHServer.user
    wish.hostKey = try await ssh.fingerprint()
    let added = try await hosting.addServer(wish, by: hosting.person(Hosting.firstEmail)).server
    try await ssh.letIn(try #require(added.access?.publicKey))
    try await hosting.serverStore.setValidated(added.id, at: Date(), atOnce)
    hosting.held.set([Lane(id: added.id, epoch: 1)])
    return try #require(try await hosting.serverStore.get(added.id, atOnce))
  }
}
