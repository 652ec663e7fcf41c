import Foundation
import Odoo
import Remote

extension ModuleFetcher {
  /// Git as it may go to the repository of `source`: anywhere where no policy holds or an operator named it, else to the
  /// first of its host's addresses that is permitted, as the server sees them.
  ///
  /// - Throws: `HostingError` with code `invalid` where there is none, which says nothing of what the name leads to.
  func git(for source: ModuleSource) async throws -> Git {
    guard var policy, !source.leadsAnywhere else { return git }
    let repository = source.repository
    let own = try await ownAddresses()
    policy.own = { own.union(AddressLookup.ofThisMachine()) }
    guard let route = policy.route(to: repository, at: try await addresses(of: repository.host)) else {
      throw HostingError(
        .invalid,
        "\(repository) is at no address from which \(server) fetches for organisations: there is no such host, or it is not on the public Internet.",
        suggestion:
          "Check the address. Who runs the installation may open the host’s network (ODEUM_REPOSITORY_NETWORKS), or save this source himself."
      )
    }
    if repository.isHTTP, route.host != route.address { try await refuseOldGit() }
    var git = git
    git.route = route
    return git
  }

  private func addresses(of host: String) async throws -> [String] {
    let found = try await self.host.run(
      Command("getent", "ahosts").operands(Word(host)), deadline: .seconds(60))
    // A line is an address, the kind of connection, and on the first one the name.
    return found.repairedText.split(separator: "\n").compactMap { line in
      line.split(separator: " ").first.map { String($0.prefix { $0 != "%" }) }
    }
  }

  private func ownAddresses() async throws -> Set<String> {
    let said = try await host.run(Command("hostname", "-I"), deadline: .seconds(60))
    return Set(said.repairedText.split(whereSeparator: \.isWhitespace).map(String.init))
  }

  private func refuseOldGit() async throws {
    let said = try await host.output(of: Command("git", "version"), deadline: .seconds(60))
    let text = String(decoding: said, as: UTF8.self)
    let numbers = text.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    let oldest = RepositoryRoute.oldestGit
    guard numbers.count >= 2, (numbers[0], numbers[1]) >= (oldest.major, oldest.minor) else {
      throw HostingError(
        .invalid,
        "\(server) has \(text.trimmingCharacters(in: .whitespacesAndNewlines)), which cannot be kept to the address of a repository that was looked at.",
        suggestion:
          "Ask who runs the installation to install git \(oldest.major).\(oldest.minor) or newer there, or to save this source himself."
      )
    }
  }
}
