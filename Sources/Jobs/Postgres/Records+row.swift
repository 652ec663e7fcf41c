import FoundationEssentials
import Postgres

extension JobState: PostgresEncodable, PostgresDecodable {}
extension StepState: PostgresEncodable, PostgresDecodable {}
extension JobLogLevel: PostgresEncodable, PostgresDecodable {}

extension JobRecord {
  static let columns: SQL = """
    job.id, job.kind, job.state, job.subject, job.organisation, job.requested_by, job.priority, job.run_at,
    job.attempt, job.interruptions, job.cancel_requested, job.reason, job.waits_for, job.superseded_by,
    job.created_at, job.started_at, job.finished_at
    """

  init(_ row: Row) throws {
    id = try row.get("id")
    kind = try row.get("kind")
    state = try row.get("state")
    subject = try row.get("subject")
    organisation = try row.get("organisation")
    requestedBy = try row.get("requested_by")
    priority = try row.get("priority")
    runAt = try row.get("run_at")
    attempt = try row.get("attempt")
    interruptions = try row.get("interruptions")
    isCancelRequested = try row.get("cancel_requested")
    reason = try row.get("reason")
    waitsFor = try row.get("waits_for")
    supersededBy = try row.get("superseded_by")
    createdAt = try row.get("created_at")
    startedAt = try row.get("started_at")
    finishedAt = try row.get("finished_at")
  }
}

extension StepRecord {
  init(_ row: Row) throws {
    position = try row.get("position")
    name = try row.get("name")
    state = try row.get("state")
    progress = try row.get("progress")
    progressText = try row.get("progress_text")
    startedAt = try row.get("started_at")
    finishedAt = try row.get("finished_at")
  }
}

extension JobLogLine {
  init(_ row: Row) throws {
    seq = try row.get("seq")
    at = try row.get("at")
    level = try row.get("level")
    step = try row.get("step")
    line = try row.get("line")
  }
}
