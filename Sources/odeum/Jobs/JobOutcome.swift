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
    let subject = instanceName.map { " of \($0)" } ?? ""
    let step = steps.first { $0.state == "failed" }.map { " at “\($0.name)”" } ?? ""
    throw CommandFailure(
      status: .jobFailed,
      message: "\(title)\(subject) \(state == "cancelled" ? "was cancelled" : "failed")\(step).",
      details: reason.map { [Columns.harmless($0)] } ?? [],
      next: "odeum job show \(id.uuidString.lowercased()) --log")
  }

  /// What the job does, for people: `instance.create` is `Create`.
  var title: String {
    let verb = kind.split(separator: ".").last.map(String.init) ?? kind
    return verb.prefix(1).uppercased() + verb.dropFirst().replacing("_", with: " ").replacing("-", with: " ")
  }
}

extension OdeumClient {
  /// Waits for `job` where `options` say so, and shows how it goes; otherwise says how to look at it.
  ///
  /// Returns the job as it was last seen. Throws `CommandFailure` where it failed, or where Ctrl-C was pressed.
  func wait(for job: API.Job, _ options: WaitOptions, json: Bool) async throws -> API.Job {
    let look = "odeum job show \(job.id.uuidString.lowercased()) --follow"
    guard options.waits, !job.isFinished else {
      if !json, !job.isFinished {
        Terminal.messages.line("\(job.title) is \(job.state). Watch it with: \(look)")
      }
      return job
    }
    do {
      return try await JobWatch(client: self).end(of: job)
    } catch is Interrupted {
      throw CommandFailure(
        status: .interrupted, message: "No longer watching; the job goes on without you.", next: look)
    }
  }
}
