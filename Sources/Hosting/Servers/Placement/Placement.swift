import FoundationEssentials
import Odoo

/// Where a new instance goes best, judged from what is known of each server. It asks nobody and changes nothing.
///
/// What keeps an instance away: the mode of the server, one that was not validated or does not answer, a disk below
/// the floor, no memory, the policy for stages. Among the others those come first whose memory is not promised more
/// than once, then those that keep production apart, then those with the fewest instances in production (for one in
/// production) or the most memory left.
public struct Placement: Sendable {
  /// What the new instance asks for.
  public struct Demand: Sendable, Equatable {
    /// What it is for.
    public var stage: Stage
    /// Its worker processes; nil means advised by the server's cores and the stage.
    public var workers: Int?

    /// The demand of an instance of `stage`.
    public init(stage: Stage, workers: Int? = nil) {
      self.stage = stage
      self.workers = workers
    }
  }

  /// Why a server cannot take the instance.
  public enum Obstacle: Sendable, Equatable {
    /// Somebody wants it so.
    case mode(Server.Mode)
    /// It was not validated as it is reached now.
    case notValidated
    /// It did not answer when it was last looked at.
    case unavailable
    /// Its disk is nearly full.
    case disk
    /// Its memory is used up.
    case memory
    /// Its policy keeps production and other stages apart.
    case stages
  }

  /// What is said of one server.
  public struct Suggestion: Sendable {
    /// The server.
    public var server: Server
    /// What keeps the instance away; empty where it may go there.
    public var obstacles: [Obstacle]
    /// What keeps the instance away, a sentence for each obstacle.
    public var refusals: [String]
    /// What there is for it, a sentence each.
    public var merits: [String]
    /// What whoever puts it there should know, a sentence each.
    public var warnings: [String]

    /// Why it is fit or not, a sentence each.
    public var reasons: [String] { refusals + merits }
    /// Whether the instance may go there.
    public var isPossible: Bool { obstacles.isEmpty }

    fileprivate var isMixed = false
    fileprivate var isOverCommitted = false
    fileprivate var memoryLeft = 0
  }

  let demand: Demand
  let diskFloorMB: Int
  /// What whoever asks may know of servers on which there is more, by their identities. It is judged by what there is.
  var told: [UUID: Server] = [:]

  /// What an instance needs that has no worker yet, in MB: less than that is none.
  static let leastMemoryMB = Sizing.memoryOfInstance

  /// A suggestion for each server, the best first and those that it cannot go to last.
  func suggestions(_ servers: [Server]) -> [Suggestion] {
    servers.map(suggestion).sorted(by: isBetter).map { suggestion in
      var suggestion = suggestion
      suggestion.server = told[suggestion.server.id] ?? suggestion.server
      return suggestion
    }
  }

  /// What may be told of the instances on `server`, and whether that is all of them.
  private func telling(of server: Server) -> (load: ServerLoad, isAll: Bool) {
    guard let load = told[server.id]?.load, load != server.load else { return (server.load, true) }
    return (load, false)
  }

  private func isBetter(_ left: Suggestion, _ right: Suggestion) -> Bool {
    if left.isPossible != right.isPossible { return left.isPossible }
    if left.isOverCommitted != right.isOverCommitted { return right.isOverCommitted }
    if left.isMixed != right.isMixed { return right.isMixed }
    if demand.stage == .production {
      let (one, other) = (left.server.load.production, right.server.load.production)
      if one != other { return one < other }
    }
    if left.memoryLeft != right.memoryLeft { return left.memoryLeft > right.memoryLeft }
    let (one, other) = (left.server.facts.diskFreeMB ?? 0, right.server.facts.diskFreeMB ?? 0)
    return one == other ? left.server.name < right.server.name : one > other
  }

  /// What is to be said of `server`.
  func suggestion(_ server: Server) -> Suggestion {
    var suggestion = Suggestion(server: server, obstacles: [], refusals: [], merits: [], warnings: [])
    judgeState(server, &suggestion)
    judgeDisk(server, &suggestion)
    judgeMemory(server, &suggestion)
    judgeStages(server, &suggestion)
    return suggestion
  }

  private func judgeState(_ server: Server, _ suggestion: inout Suggestion) {
    switch server.mode {
    case .active: break
    case .draining: suggestion.refuse(.mode(.draining), "It is drained: it takes no new instances.")
    case .maintenance: suggestion.refuse(.mode(.maintenance), "It is in maintenance.")
    }
    if !server.isUsable {
      suggestion.refuse(.notValidated, "It was not validated yet.")
    } else if server.status != .ready {
      suggestion.refuse(.unavailable, "It does not answer: \(server.statusReason)")
    }
  }

  private func judgeDisk(_ server: Server, _ suggestion: inout Suggestion) {
    guard let free = server.facts.diskFreeMB else { return }
    if free < diskFloorMB {
      suggestion.refuse(
        .disk, "Its disk has \(Self.size(free)) free, and \(Self.size(diskFloorMB)) must stay free.")
    } else {
      suggestion.merits.append("\(Self.size(free)) of disk free.")
    }
  }

  private func judgeMemory(_ server: Server, _ suggestion: inout Suggestion) {
    let facts = server.facts
    guard let memory = facts.memoryMB, let cores = facts.cores else { return }
    let workers = demand.workers ?? demand.stage.advisedWorkers(cores: cores)
    let wanted = Sizing.memoryNeeded(workers: workers)
    let left = memory - Sizing.memoryOfHost - server.load.memoryMB
    suggestion.memoryLeft = max(0, left)
    if let available = facts.memoryAvailableMB, available < Self.leastMemoryMB {
      suggestion.refuse(.memory, "Its programs leave \(Self.size(available)) of memory.")
      return
    }
    let holders =
      telling(of: server).isAll
      ? " by its \(server.instances) instance\(server.instances == 1 ? "" : "s")" : ""
    suggestion.merits.append("\(Self.size(max(0, left))) of memory not reserved\(holders).")
    guard left < wanted else { return }
    suggestion.isOverCommitted = true
    suggestion.warnings.append(Self.overCommitment(of: server, wanted: wanted, left: left))
  }

  /// That an instance on `server` may come to need `wanted` MB where `left` are not reserved, `holders` saying by whom.
  static func overCommitment(of server: Server, wanted: Int, left: Int, by holders: String = "") -> String {
    "The memory of \(server.name) is promised more than once: this instance may come to need \(size(wanted)), "
      + "and \(size(max(0, left))) are not reserved\(holders)."
  }

  private func judgeStages(_ server: Server, _ suggestion: inout Suggestion) {
    let (load, isAll) = telling(of: server)
    if demand.stage == .production, isAll || load.production > 0 {
      suggestion.merits.append(
        load.production == 0
          ? "No other instance in production."
          : "\(load.production)\(isAll ? "" : " of yours") in production already.")
    }
    suggestion.isMixed = mixes(server.load)
    guard suggestion.isMixed else { return }
    let sentence =
      switch demand.stage {
      case _ where !mixes(load):
        "\(server.name) keeps production and other stages apart, and takes none of this one now."
      case .production:
        "\(server.name) holds instances that are not in production, which can take memory and disk from one that is."
      default: "\(server.name) holds instances in production, from which this one can take memory and disk."
      }
    switch server.stagePolicy {
    case .allow: break
    case .warn: if mixes(load) { suggestion.warnings.append(sentence) }
    case .refuse: suggestion.refuse(.stages, "\(sentence) Its policy refuses that.")
    }
  }

  /// Whether the new instance would be the only one of its kind among these.
  private func mixes(_ load: ServerLoad) -> Bool {
    demand.stage == .production ? load.instances > load.production : load.production > 0
  }

  /// A size in MB of 10^6 bytes, for people.
  private static func size(_ megabytes: Int) -> String {
    guard megabytes >= 1000 else { return "\(megabytes) MB" }
    let tenths = (megabytes + 50) / 100
    return tenths % 10 == 0 || tenths >= 100 ? "\(tenths / 10) GB" : "\(tenths / 10).\(tenths % 10) GB"
  }
}

extension Placement.Suggestion {
  fileprivate mutating func refuse(_ obstacle: Placement.Obstacle, _ reason: String) {
    obstacles.append(obstacle)
    refusals.append(reason)
  }
}

extension ServerLoad {
  /// How many instances are in production.
  var production: Int { stages[.production] ?? 0 }
}
