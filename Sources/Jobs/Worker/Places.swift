import FoundationEssentials

/// The places of a worker and who holds them: the next one goes to the organisation that holds fewest, and among
/// equals to the one whose turn is longest ago.
///
/// Jobs without an organisation are a class of their own. docs/decisions/0008 says why it is done here and in the
/// claim, and not by the order in which jobs are asked for.
struct Places: Sendable {
  /// How many jobs run at once; all of them may be of one organisation.
  let count: Int
  /// How many more may run of organisations that hold no place, so that long jobs of one do not stop the others.
  let spare: Int
  /// How many jobs are under way.
  private(set) var busy = 0
  private var held: [UUID: Int] = [:]
  /// When organisations were served last, counted in jobs.
  private var turns: [UUID: Int] = [:]
  private var turn = 0

  init(_ count: Int) {
    self.count = count
    spare = max(1, count / 4)
  }

  /// Places that anybody may have.
  var free: Int { count - busy }

  /// Places that are left for organisations that hold none.
  var freeForNewcomers: Int { count + spare - max(busy, count) }

  mutating func take(for organisation: UUID?) {
    let organisation = organisation ?? .nobody
    busy += 1
    turn += 1
    held[organisation, default: 0] += 1
    turns[organisation] = turn
    forget()
  }

  mutating func leave(_ organisation: UUID?) {
    let organisation = organisation ?? .nobody
    busy -= 1
    let left = held[organisation, default: 1] - 1
    held[organisation] = left > 0 ? left : nil
  }

  /// Who holds how many places, and whose turn was when: what a claim must know.
  var holders: [(organisation: UUID, held: Int, turn: Int)] {
    turns.map { ($0.key, held[$0.key] ?? 0, $0.value) }
  }

  /// Of those that hold nothing, only the last ones served are remembered: all others come before them anyhow.
  private mutating func forget() {
    guard turns.count > 2 * (count + spare) + 16 else { return }
    let idle = turns.filter { held[$0.key] == nil }.sorted { $0.value < $1.value }
    for (organisation, _) in idle.prefix(idle.count / 2) { turns[organisation] = nil }
  }
}

extension UUID {
  /// Stands for no organisation and for no lane where these are compared.
  package static let nobody = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
}
