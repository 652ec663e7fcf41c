import Foundation

extension API.Call where Answer == API.Page<API.Job> {
  /// One page of the jobs, newest first; only those on `instance` where it is given.
  public static func jobs(of instance: String? = nil, limit: Int? = nil, cursor: String? = nil) -> Self {
    Self(
      .get, "jobs",
      query: [("instance", instance), ("limit", limit.map(String.init)), ("cursor", cursor)])
  }
}

extension API.Call where Answer == API.Job {
  /// The job `id` with its steps.
  public static func job(_ id: UUID) -> Self { Self(.get, "jobs", id.uuidString.lowercased()) }

  /// Asks for the job `id` to be cancelled; the answer is the job as it is then.
  public static func cancelJob(_ id: UUID) -> Self {
    Self(.post, "jobs", id.uuidString.lowercased(), "cancel")
  }
}

extension API.Call where Answer == API.Page<API.JobLogLine> {
  /// The lines of the job's log that come after line `after`.
  public static func jobLog(_ id: UUID, after: Int? = nil, limit: Int? = nil) -> Self {
    Self(
      .get, "jobs", id.uuidString.lowercased(), "log",
      query: [("after", after.map(String.init)), ("limit", limit.map(String.init))])
  }
}
