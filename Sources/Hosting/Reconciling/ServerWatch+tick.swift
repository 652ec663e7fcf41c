import Docker
import Foundation
import Logging
import Postgres

/// A server on which nothing is to be done, as it was when it was last looked at.
struct Rest: Sendable {
  /// The server as the database had it.
  var server: Server
  /// The mark of everything in the database on which the comparison depended.
  var mark: String
  /// The mark of Docker's list of containers.
  var listMark: ListMark
  /// What was seen; folders only where they were asked for.
  var seen: SeenServer
}

extension ServerWatch {
  /// Puts one question to the server. Where the answer or the database is another one than at the last look,
  /// everything is looked at.
  func tick() async throws {
    guard let rest, told == .present, !owesWake, !reachability.isInDoubt else { return try await look() }
    let runtime = await hosting.fleet.runtime(on: rest.server.reference, epoch: epoch)
    let asked = clock.now
    let question = rota.next(at: asked)
    var facts: ServerFacts?
    let isSame: Bool
    do {
      switch question {
      case .containers: isSame = try await areContainersStill(rest, runtime)
      case .volumes:
        let volumes = try await runtime.within(timing.patience) { try await runtime.seeVolumes() }
        isSame = Set(volumes) == Set(rest.seen.volumes)
      case .networks:
        let networks = try await runtime.within(timing.patience) { try await runtime.seeNetworks() }
        isSame = Set(networks) == Set(rest.seen.networks)
      case .folders: isSame = try await areFoldersStill(rest, runtime)
      case .facts:
        facts = try await seeFacts(runtime)
        isSame = true
      case .storage:
        measure.yield()
        isSame = true
      }
    } catch let error as CancellationError {
      throw error
    } catch  where question == .folders {
      self.rest = nil
      reachability.failed(.host, HostingError(translating: error).description, at: clock.now)
      hosting.logger.warning(
        "The folders of instances on \(name) could not be read: \(HostingError(translating: error))")
      return
    } catch {
      self.rest = nil
      reachability.failed(.list, HostingError(translating: error).description, asked: asked, at: clock.now)
      return try await findOut(rest.server, runtime, since: asked)
    }
    if question.showsDocker { noteAnswer(.list) }
    let mark = try await hosting.watchStore.noteSeen(
      server, byDocker: question.showsDocker, facts: facts, atOnce)
    // Meanwhile Docker may have told of something.
    guard isSame, mark == rest.mark, self.rest != nil else { return try await look() }
  }

  private func areContainersStill(_ rest: Rest, _ runtime: DockerRuntime) async throws -> Bool {
    let list = try await runtime.within(timing.patience) {
      try await runtime.seeContainers(unlessAs: rest.listMark)
    }
    let now = clock.now
    guard let former = lastList else { return false }
    guard let list else {
      lastList?.at = now
      return true
    }
    let elapsed = former.at.duration(to: now)
    guard list.containers.count == former.containers.count,
      list.containers.allSatisfy({ container in
        former.containers[container.thing.id].map { container.isStill($0, after: elapsed) } ?? false
      })
    else { return false }
    // Time went by, and Docker's words tell of that.
    lastList = (now, Dictionary(list.containers.map { ($0.thing.id, $0) }) { $1 })
    self.rest?.listMark = list.mark
    return true
  }

  private func areFoldersStill(_ rest: Rest, _ runtime: DockerRuntime) async throws -> Bool {
    let folders = try await runtime.seeFolders()
    guard let former = rest.seen.folders else {
      // Asked for the first time: there are none, or they are compared.
      self.rest?.seen.folders = folders
      return folders.isEmpty
    }
    return Set(folders) == Set(former)
  }

  /// How full the host is; nil where that cannot be found out.
  func seeFacts(_ runtime: DockerRuntime) async throws -> ServerFacts? {
    let now = clock.now
    rota.note(.facts, at: now)
    do {
      let known: SeenEngine
      if let docker { known = docker } else { known = try await runtime.seeEngine() }
      docker = known
      return try await runtime.look(with: known)
    } catch let error as CancellationError {
      throw error
    } catch {
      reachability.failed(.host, HostingError(translating: error).description, at: now)
      hosting.logger.warning(
        "How full \(name) is could not be found out: \(HostingError(translating: error))")
      return nil
    }
  }
}
