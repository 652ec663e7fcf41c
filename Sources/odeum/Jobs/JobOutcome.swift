import ArgumentParser
import Client
import Foundation

/// Whether a command waits for its job.
struct WaitOptions: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Wait until it is done; the default on a terminal.")
  var wait: Bool?

  /// Whether to wait: as asked, else where somebody looks.
  var waits: Bool { wait ?? Terminal.messages.isInteractive }
}

extension API.Job {
  /// Fails where the job did not succeed.
  ///
  /// Throws `CommandFailure` with the job's own reason.
  func requireSuccess() throws {
    guard state != "succeeded" else { return }
    let subject = subjectName.map { " of \($0)" } ?? ""
    let step = steps.first { $0.state == "failed" }.map { " at “\($0.name)”" } ?? ""
    throw CommandFailure(
      status: .jobFailed,
      message: "\(title)\(subject) \(state == "cancelled" ? "was cancelled" : "failed")\(step).",
      details: reason.map { [Columns.harmless($0)] } ?? [],
      next: "odeum job show \(id.uuidString.lowercased()) --log")
  }

  /// The name of what the job works on.
  var subjectName: String? { instanceName ?? serverName }

  /// What the job does, for people: `instance.restart.hard` is `Restart (hard)`.
  var title: String {
    let words = kind.split(separator: ".").dropFirst()
    guard let verb = words.first else { return kind }
    let manner = words.dropFirst().joined(separator: ", ")
    return verb.prefix(1).uppercased() + verb.dropFirst() + (manner.isEmpty ? "" : " (\(manner))")
  }
}

extension OdeumClient {
  /// Waits for `job` where `options` say so, and shows how it goes; otherwise says how to look at it.
  ///
  /// Returns the job as it was last seen. Throws `CommandFailure` where it failed, or where Ctrl-C was pressed.
  func wait(for job: API.Job, _ options: WaitOptions, isAnnounced: Bool = false, json: Bool = false)
    async throws -> API.Job
  {
    let look = "odeum job show \(job.id.uuidString.lowercased()) --follow"
    guard options.waits, !job.isFinished else {
      if !json, !job.isFinished {
        Terminal.messages.line("\(job.title) is \(job.state). Watch it with: \(look)")
      }
      return job
    }
    do {
      if !isAnnounced, !json, Terminal.messages.isInteractive {
        Terminal.messages.line(Terminal.messages.style("\(job.title) \(job.subjectName ?? "")", .bold))
      }
      return try await JobWatch(client: self).end(of: job)
    } catch is Interrupted {
      throw CommandFailure(
        status: .interrupted, message: "No longer watching; the job goes on without you.", next: look)
    }
  }
}
