import FoundationEssentials
import Postgres

/// A job that this worker has taken: what the claim returned.
package struct ClaimedJob: Sendable {
  package let id: UUID
  package let kind: String
  /// The fencing token: as long as the row has it, the job is ours.
  package let lease: Int
  package let attempt: Int
  package let interruptions: Int
  package let wakes: Int
  package let isCancelRequested: Bool
  /// How the job ends when everything is undone; nil while it goes forward.
  package let undoTo: JobState?
  /// Why everything is undone, when an error is the cause.
  package let undoReason: String?
  /// The epoch of the job's lane, for a job that has one.
  package let epoch: Int?
  package let organisation: UUID?
  /// Whether more may be there than this claim took, of other organisations, lanes or priorities.
  package let hasOthersBehind: Bool
  /// The content, until it is read into its type.
  package let body: JobBody

  package init(
    id: UUID, kind: String, lease: Int, attempt: Int, interruptions: Int, wakes: Int, isCancelRequested: Bool,
    undoTo: JobState?, undoReason: String?, epoch: Int?, organisation: UUID?, hasOthersBehind: Bool,
    body: JobBody
  ) {
    self.id = id
    self.kind = kind
    self.lease = lease
    self.attempt = attempt
    self.interruptions = interruptions
    self.wakes = wakes
    self.isCancelRequested = isCancelRequested
    self.undoTo = undoTo
    self.undoReason = undoReason
    self.epoch = epoch
    self.organisation = organisation
    self.hasOthersBehind = hasOthersBehind
    self.body = body
  }

  var token: JobLease { JobLease(job: id, number: lease) }
}

/// The content of a job as its store has it.
package enum JobBody: Sendable {
  /// In the column `body` of a row.
  case row(Row)
  /// As JSON.
  case json(Data)

  func read<J: Job>(_: J.Type) throws -> J {
    switch self {
    case .row(let row): try row.get("body", json: J.self)
    case .json(let text): try PostgresJSON.decode(J.self, from: text)
    }
  }
}
