import FoundationEssentials
import Postgres

/// A job that this worker has taken: what the claim returned.
struct ClaimedJob: Sendable {
  let id: UUID
  let kind: String
  /// The fencing token: as long as the row has it, the job is ours.
  let lease: Int
  let attempt: Int
  let interruptions: Int
  let wakes: Int
  let isCancelRequested: Bool
  /// How the job ends when everything is undone; nil while it goes forward.
  let undoTo: JobState?
  /// Why everything is undone, when an error is the cause.
  let undoReason: String?
  /// The epoch of the job's lane, for a job that has one.
  let epoch: Int?
  let organisation: UUID?
  /// Whether more may be there than this claim took, of other organisations, lanes or priorities.
  let hasOthersBehind: Bool
  /// Keeps the content until it is read into its type.
  let row: Row

  init(_ row: Row) throws {
    id = try row.get(at: 0)
    kind = try row.get(at: 1)
    lease = try row.get(at: 3)
    attempt = try row.get(at: 4)
    interruptions = try row.get(at: 5)
    wakes = try row.get(at: 6)
    isCancelRequested = try row.get(at: 7)
    undoTo = try row.get(at: 8)
    undoReason = try row.get(at: 9)
    epoch = try row.get(at: 10)
    organisation = try row.get(at: 11)
    hasOthersBehind = try row.get(at: 12)
    self.row = row
  }
}
