import Foundation

extension API {
  /// Something that happened to a job.
  public enum JobEvent: Sendable, Equatable {
    /// The job wrote a line.
    case log(JobLogLine)
    /// The job or one of its steps changed.
    case changed(Job)
  }
}

extension OdeumClient {
  /// The lines of the job's log behind line `after`, and the job whenever it changes, from now until it has ended.
  public func follow(job id: UUID, after: Int = 0) -> EventStream<API.JobEvent> {
    EventStream(
      client: self,
      call: API.Call(
        .get, "jobs", id.uuidString.lowercased(), "stream",
        headers: [("Last-Event-ID", after > 0 ? String(after) : nil)])
    ) { event in
      switch event.name {
      case "log": .log(try API.decoder().decode(API.JobLogLine.self, from: Data(event.data.utf8)))
      case "job": .changed(try API.decoder().decode(API.Job.self, from: Data(event.data.utf8)))
      default: nil
      }
    }
  }

  /// The last `tail` lines of the log of `ref`, and those that are written from now on; Odoo's unless `source` is
  /// `database`.
  public func followLog(of ref: String, source: String? = nil, tail: Int? = nil) -> EventStream<API.LogLine> {
    EventStream(
      client: self,
      call: API.Call(
        .get, "instances", ref, "log", "stream", query: [("source", source), ("tail", tail.map(String.init))])
    ) { event in
      guard event.name == "line" else { return nil }
      return try API.decoder().decode(API.LogLine.self, from: Data(event.data.utf8))
    }
  }
}
