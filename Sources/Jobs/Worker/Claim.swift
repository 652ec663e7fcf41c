import FoundationEssentials

/// How many jobs a worker may take, and of whom.
///
/// Jobs that are due wait in *lines*: those of one organisation, in one lane, with one priority. Only the lines with the
/// best priority are served. The places go round the organisations: first to those that hold fewest, among these to
/// the one whose turn is longest ago; of one organisation the eldest is first.
package struct Claim: Sendable {
  package let worker: UUID
  package let kinds: [String]
  /// How many jobs may be taken, whosever they are.
  package let free: Int
  /// How many more, of organisations that hold no place.
  package let spare: Int
  /// Who holds how many places, and whose turn was when; who is missing holds none and had none.
  package let holders: [(organisation: UUID, held: Int, turn: Int)]

  package init(
    for worker: UUID, kinds: [String], free: Int, spare: Int = 0,
    holders: [(organisation: UUID, held: Int, turn: Int)] = []
  ) {
    self.worker = worker
    self.kinds = kinds
    self.free = free
    self.spare = spare
    self.holders = holders
  }
}
