import Foundation
import Remote
import Testing

@testable import Hosting

/// Where servers of the operator connect to for repositories that others name, with real git.
@Suite struct RepositoryRouteTests {
  private let policy = AddressPolicy(own: { ["198.51.100.9"] })

  @Test(arguments: [
    ("https://host/shop.git", "host", 443), ("http://host:8080/shop.git", "host", 8080),
    ("https://[2001:db8::1]:8443/x", "2001:db8::1", 8443), ("https://[2001:db8::1]/x", "2001:db8::1", 443),
    ("ssh://git@host/x", "host", 22), ("ssh://git@host:2222/x", "host", 2222),
    ("git@host:acme/shop", "host", 22),
    ("git@host:2222/shop", "host", 22),
  ])
  func `the host and the port that git connects to are read from its address`(
    text: String, host: String, port: Int
  ) throws {
    let address = try RepositoryAddress(text)
    #expect(address.host == host && address.port == port)
  }

  @Test(arguments: [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254",
    "100.64.0.1",
    "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "168.63.129.16", "198.51.100.9", "224.0.0.1", "255.255.255.255",
  ])
  func `an address that is not public is connected to`(address: String) throws {
    #expect(policy.route(to: try RepositoryAddress("https://host/shop.git"), at: [address]) == nil)
  }

  @Test func `of several addresses one that is permitted is taken, and the way leads there only`() throws {
    let repository = try RepositoryAddress("https://host:8443/shop.git")
    let route = try #require(policy.route(to: repository, at: ["10.0.0.1", "93.184.216.34"]))
    #expect(route == RepositoryRoute(host: "host", port: 8443, address: "93.184.216.34"))
    let words = Git(keys: "/k", route: route).lookUp(nil, of: repository)
    #expect(words.description.contains("http.curloptResolve=host:8443:93.184.216.34"))
    #expect(words.description.contains("http.followRedirects=false"))
    let ssh = words.environment["GIT_SSH_COMMAND"]?.description ?? ""
    #expect(ssh.contains("-o HostName=93.184.216.34 -o HostKeyAlias=host"))
  }

  @Test(arguments: [
    "https://2130706433/x", "https://0x7f.1/x", "https://0177.0.0.1/x", "https://93.55352/x",
    "https://host./x",
  ])
  func `a name that is read in two ways leads elsewhere than was looked at`(text: String) throws {
    #expect(policy.route(to: try RepositoryAddress(text), at: ["93.184.216.34"]) == nil)
  }

  @Test func `an address that the operator has opened is permitted, and loopback is not even then`() throws {
    var policy = policy
    policy.opened = [AddressRange("10.0.0.0/8"), AddressRange("127.0.0.0/8")].compactMap(\.self)
    let repository = try RepositoryAddress("https://host/shop.git")
    #expect(policy.route(to: repository, at: ["10.1.2.3"]) != nil)
    #expect(policy.route(to: repository, at: ["127.0.0.1"]) == nil)
  }

  private func fetcher(_ server: GitServer, _ policy: AddressPolicy?, _ route: RepositoryRoute? = nil)
    async throws
    -> ModuleFetcher
  {
    let folder = InstanceFolder(
      host: LocalHost(), server: "web1", parent: "\(server.folder)/instances", installation: UUID(),
      instance: UUID())
    try await folder.ensure()
    return ModuleFetcher(
      host: LocalHost(), server: "web1", folder: folder,
      git: Git(keys: "\(server.folder)/keys", route: route),
      place: "\(folder.modules)/.fetch-1", policy: policy)
  }

  @Test(arguments: ["127.0.0.1", "localhost", "2130706433", "0x7f.0.0.1", "127.1", "[::ffff:127.0.0.1]"])
  func `a repository inside is fetched for who is no operator, or the refusal tells what is there`(
    host: String
  ) async throws {
    try await GitServer.serving { server in
      try await server.commit(["one/__manifest__.py": "{}"], of: "shop", "One")
      let inside = try server.address("shop")
      var told: [String] = []
      for port in [String(inside.port), "1"] {
        let address = try RepositoryAddress("http://\(host):\(port)/shop.git")
        let fetcher = try await fetcher(server, AddressPolicy())
        let error = await #expect(throws: HostingError.self) {
          _ = try await fetcher.newest(of: ModuleSource(repository: address, branch: nil), present: [])
        }
        #expect(error?.code == .invalid)
        told.append(error?.message.replacing(":\(port)/", with: ":PORT/") ?? "")
      }
      #expect(told[0] == told[1], "an open port is told from a closed one")
      var source = ModuleSource(repository: inside, branch: nil)
      source.leadsAnywhere = true
      let found = try await fetcher(server, AddressPolicy()).newest(of: source, present: [])
      #expect(found.modules == ["one"], "what an operator named is refused")
    }
  }

  @Test func `git connects to the address that was looked at, whatever the name leads to`() async throws {
    try await GitServer.serving { server in
      try await server.commit(["one/__manifest__.py": "{}"], of: "shop", "One")
      let port = try server.address("shop").port
      let named = try RepositoryAddress("http://nowhere.invalid:\(port)/shop.git")
      let route = RepositoryRoute(host: "nowhere.invalid", port: port, address: "127.0.0.1")
      let found = try await fetcher(server, nil, route).newest(
        of: ModuleSource(repository: named, branch: nil), present: [])
      #expect(found.modules == ["one"])
    }
  }

  @Test func `a redirect is followed to an address that nobody looked at`() async throws {
    try await GitServer.serving { server in
      try await server.commit(["one/__manifest__.py": "{}"], of: "shop", "One")
      let port = try server.address("shop").port
      let address = try RepositoryAddress("http://127.0.0.1:\(port)/elsewhere/shop.git")
      let source = ModuleSource(repository: address, branch: nil)
      _ = try await fetcher(server, nil).newest(of: source, present: [])
      let route = RepositoryRoute(host: "127.0.0.1", port: port, address: "127.0.0.1")
      let fetcher = try await fetcher(server, nil, route)
      let error = await #expect(throws: HostingError.self) {
        _ = try await fetcher.newest(of: source, present: [])
      }
      #expect(error?.message.contains("leads on to another address") == true, "\(error?.message ?? "")")
    }
  }

  @Test func `who saves sources of others with his own settings gives them no more reach`() async throws {
    try await withHosting { hosting in
      let runner = try await hosting.person(Hosting.firstEmail)
      var other = runner
      other.isOperator = false
      func source(_ name: String) throws -> ModuleSource {
        ModuleSource(repository: try RepositoryAddress("https://\(name)/x"), branch: nil)
      }
      var settings = InstanceSettings(defaultsOf: .dev)
      settings.customModules = [try source("one")]
      let first = settings.naming(modulesBy: other, former: [])
      #expect(first.customModules.map(\.leadsAnywhere) == [false])
      settings.customModules.append(try source("two"))
      let second = settings.naming(modulesBy: runner, former: first.customModules)
      #expect(second.customModules.map(\.leadsAnywhere) == [false, true])
      let third = settings.naming(modulesBy: other, former: second.customModules)
      #expect(third.customModules.map(\.leadsAnywhere) == [false, true])
      let kept = try JSONDecoder().decode(InstanceSettings.self, from: JSONEncoder().encode(third))
      #expect(kept.customModules.map(\.leadsAnywhere) == [false, true])
    }
  }
}
