import Foundation
import Odoo
import Remote

/// Brings code of custom modules onto a server.
///
/// Each commit gets a folder of its own, which takes its name when it is complete and never changes: a running
/// Odoo keeps reading the code that it was started with, and what was cut off leaves nothing half.
struct ModuleFetcher: Sendable {
  let host: any Remote.Host
  let server: String
  let folder: InstanceFolder
  let git: Git
  /// Where a checkout is put together; no other try has the same.
  let place: String
  /// Where repositories may be; nil for anywhere.
  var policy: AddressPolicy?

  /// The checkout of the newest commit of `source`, made unless it is among `present`.
  func newest(of source: ModuleSource, present: [ModuleCheckout]) async throws -> ModuleCheckout {
    let commit = try await newestCommit(of: source)
    if let there = present.first(where: { $0.source == source && $0.commit == commit }) { return there }
    return try await fetch(source)
  }

  /// Those of `checkouts` that the server has.
  func present(among checkouts: [ModuleCheckout]) async throws -> [ModuleCheckout] {
    guard !checkouts.isEmpty, try await folder.isThere() else { return [] }
    let names = try await names(in: folder.modules)
    return checkouts.filter { names.contains($0.folder) }
  }

  /// Removes from the folder of modules everything but `checkouts`.
  func removeAll(but checkouts: [ModuleCheckout]) async throws {
    guard try await folder.isThere() else { return }
    let old = try await names(in: folder.modules).subtracting(checkouts.map(\.folder)).sorted()
    guard !old.isEmpty else { return }
    let removal = Command("rm", "-rf").operands(old.map { "\(folder.modules)/\($0)" })
    try await host.output(of: removal, deadline: .seconds(600))
  }

  private func newestCommit(of source: ModuleSource) async throws -> String {
    let git = try await git(for: source)
    let answer = try await run(git.lookUp(source.branch, of: source.repository), for: source, .seconds(60))
    let hash = answer.prefix { $0 != "\t" }
    guard !hash.isEmpty else { throw HostingError.noBranch(source.branch, of: source.repository) }
    return String(hash)
  }

  private func fetch(_ source: ModuleSource) async throws -> ModuleCheckout {
    let git = try await git(for: source)
    let repository = "\(place)/repository"
    let new = "\(place)/checkout"
    let tree = "\(new)/\(ModuleCheckout.tree(of: source))"
    try await host.output(of: Command("rm", "-rf").operands(Word(place)), deadline: .seconds(60))
    try await host.output(of: Command("mkdir", "-p").operands(Word(tree)), deadline: .seconds(60))
    try await host.output(of: git.initialise(repository), deadline: .seconds(60))
    _ = try await run(
      git.fetch(source.branch, of: source.repository, into: repository), for: source, .seconds(1200))
    let fetched = try await host.output(of: git.describeFetched(in: repository), deadline: .seconds(60))
    let parts = fetched.split(separator: 0, maxSplits: 1).map { String(decoding: $0, as: UTF8.self) }
    guard parts.count == 2 else {
      throw HostingError(.internal, "git described the commit of \(source.title) as “\(parts)”.")
    }
    _ = try await run(git.checkOutFetched(in: repository, to: tree), for: source, .seconds(600))
    let checkout = try ModuleCheckout(
      of: source, commit: parts[0], subject: String(TerminalCodes.stripped(parts[1]).prefix(200)),
      manifests: try await manifests(in: tree))
    try await host.output(
      of: Self.putting(new, into: "\(folder.modules)/\(checkout.folder)"), deadline: .seconds(300))
    try await host.output(of: Command("rm", "-rf").operands(Word(place)), deadline: .seconds(60))
    return checkout
  }

  /// Opens a checkout for the user in the container, waits until it is on the disk, and gives it its name. One
  /// that was there before stays.
  static func putting(_ new: String, into final: String) -> Command {
    let script = """
      set -eu
      chmod -R u=rwX,go=rX -- "$1"
      sync -f -- "$1"
      test -e "$2" || mv -T -- "$1" "$2"
      """
    return Command("sh", "-c", Word(script), "sh", Word(new), Word(final))
  }

  private func manifests(in tree: String) async throws -> [String] {
    let search = Command(
      "find", Word(tree), "-type", "f", "-name", Word(AddonsFolders.manifest), "-printf", "%P\\0")
    return try await host.output(of: search, deadline: .seconds(60)).split(separator: 0)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private func names(in folder: String) async throws -> Set<String> {
    let listing = Command("find", Word(folder), "-mindepth", "1", "-maxdepth", "1", "-printf", "%f\\0")
    return Set(
      try await host.output(of: listing, deadline: .seconds(60)).split(separator: 0)
        .map { String(decoding: $0, as: UTF8.self) })
  }

  /// The output of a command of git; its complaints become those of the domain.
  private func run(_ command: Command, for source: ModuleSource, _ deadline: Duration) async throws -> String
  {
    let result: CommandResult
    do {
      result = try await host.run(command, deadline: deadline)
    } catch HostError.timedOut {
      throw HostingError(
        .unavailable,
        "The host of \(source.repository) did not answer \(server) within \(deadline.components.seconds) s.",
        suggestion: "Check the address and that \(server) reaches it: git ls-remote \(source.repository)")
    }
    guard result.exitStatus.isSuccess else {
      throw HostingError.git(
        result.repairedErrorText, repository: source.repository, branch: source.branch, server: server)
    }
    return result.repairedText
  }
}

// MARK: - Steps

extension InstanceWork {
  /// Fetches the newest code of the custom modules.
  func fetchNewestModules() async throws {
    try await fetchModules(of: instance.settings, renewing: true)
  }

  /// As `fetchNewestModules`, before a soft restart.
  func fetchNewestModulesSoftly() async throws {
    try await fetchModules(of: instance.settingsOfSoftRestart, renewing: true)
  }

  /// Fetches what the server does not have of the custom modules, so that a start does not depend on the host of
  /// a repository.
  func fetchMissingModules() async throws {
    try await fetchModules(of: instance.settings, renewing: false)
  }

  /// The code that the instance is given: what the last step that fetched has noted.
  func checkouts() async throws -> [ModuleCheckout] {
    try await hosting.instanceStore.checkouts(of: instance.id, atOnce)
  }

  /// Removes code that nothing needs any more. To be called once Odoo answers with that of `checkouts`.
  func removeModules(but checkouts: [ModuleCheckout]) async throws {
    let before = instance.appliedSettings?.customModules ?? []
    guard !checkouts.isEmpty || !before.isEmpty else { return }
    try await fetcher().removeAll(but: checkouts)
  }

  private func fetchModules(of settings: InstanceSettings, renewing: Bool) async throws {
    let noted = try await checkouts()
    guard !settings.customModules.isEmpty else {
      if !noted.isEmpty { try await note([]) }
      return
    }
    let fetcher = try await fetcher()
    let present = try await fetcher.present(among: noted)
    try await runtime.folder(of: instance.id).ensure()
    var fetched: [ModuleCheckout] = []
    for source in settings.customModules {
      let there = present.first { $0.source == source }
      let checkout =
        if let there, !renewing { there } else {
          try await newest(of: source, orElse: there, present: present, fetcher)
        }
      let count = checkout.modules.count
      log(
        "\(source.title): \(checkout.shortCommit) \(checkout.subject) (\(count) module\(count == 1 ? "" : "s"))"
      )
      for other in fetched {
        for name in Set(checkout.modules).intersection(other.modules).sorted() {
          run.log(
            "The module \(name) is in two sources; Odoo takes that of \(other.source.title).", level: .warning
          )
        }
      }
      fetched.append(checkout)
    }
    try await note(fetched)
  }

  private func note(_ checkouts: [ModuleCheckout]) async throws {
    try await run.guarded {
      try await hosting.instanceStore.setCheckouts(instance.id, checkouts, $0)
    }
  }

  /// The newest checkout of `source`. Where its host does not answer, the one that is `there` will do: a restart
  /// must not wait for somebody else's machine.
  private func newest(
    of source: ModuleSource, orElse there: ModuleCheckout?, present: [ModuleCheckout],
    _ fetcher: ModuleFetcher
  ) async throws -> ModuleCheckout {
    do {
      return try await fetcher.newest(of: source, present: present)
    } catch let error as HostingError where error.code == .unavailable {
      guard let there else { throw error }
      run.log("\(error.message) The code that is there stays.", level: .warning)
      return there
    }
  }

  /// On a server of the operator's, organisations name repositories in bounds; on their own it is their network.
  private func fetcher() async throws -> ModuleFetcher {
    let folder = runtime.folder(of: instance.id)
    let server = try await hosting.serverStore.get(instance.server.id, atOnce)
    let policy =
      server?.organisationID == nil
      ? AddressPolicy(opened: hosting.configuration.repositoryNetworks) : nil
    return ModuleFetcher(
      host: runtime.host, server: instance.server.name, folder: folder,
      git: Git(keys: "\(hosting.configuration.instancesFolder)/keys"),
      place: "\(folder.modules)/.fetch-\(run.jobID.uuidString.lowercased())-\(run.lease)-\(run.attempt)",
      policy: policy)
  }
}
