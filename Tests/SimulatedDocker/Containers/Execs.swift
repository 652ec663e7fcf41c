import Foundation
import NIOCore

/// A program in a running container.
struct RunningExec: Sendable {
  var container: String
  var run: Int
  var words: [String]
  var environment: [String]
  var status: Int?
}

extension EngineState {
  struct ExecBody: Decodable {
    var Cmd: [String]
    var Env: [String]?
  }

  mutating func createExec(_ reference: String, _ body: ExecBody) throws -> JSON {
    let container = try container(reference)
    guard container.isRunning else {
      throw Refusal(409, "container \(container.id) is not running")
    }
    let id = Self.newID()
    execs[id] = RunningExec(
      container: container.id, run: container.run, words: body.Cmd, environment: body.Env ?? [])
    return ["Id": .string(id)]
  }

  /// Runs a program and gives what it writes to `feed`.
  mutating func startExec(_ id: String, _ feed: Feed) throws {
    guard let exec = execs[id] else { throw Refusal(404, "No such exec instance: \(id)") }
    guard let container = containers[exec.container], container.isRunning, container.run == exec.run else {
      throw Refusal(409, "container \(exec.container) is not running")
    }
    var environment = container.view(now: Date()).environment
    for text in exec.environment {
      guard let equals = text.firstIndex(of: "=") else { continue }
      environment[String(text[..<equals])] = String(text[text.index(after: equals)...])
    }
    let result = programs.exec(
      exec.words, environment: environment, in: container.view(now: Date()), volumes: volumes(of: container))
    if result.after == .zero { return end(id, result, feed) }
    schedule(result.after) { $0.end(id, result, feed) }
  }

  private mutating func end(_ id: String, _ result: SimulatedExec, _ feed: Feed) {
    guard let exec = execs[id] else { return finish(feed) }
    guard let container = containers[exec.container], container.isRunning, container.run == exec.run else {
      execs[id]?.status = 137
      return finish(feed)
    }
    if let effect = result.effect {
      var access = volumes(of: container)
      effect(&access)
      keep(access, of: container)
    }
    execs[id]?.status = result.status
    var buffer = ByteBuffer()
    if !result.output.isEmpty { Self.frame(result.output, isError: false, into: &buffer) }
    if !result.errors.isEmpty { Self.frame(result.errors, isError: true, into: &buffer) }
    feed.yield(buffer)
    finish(feed)
  }

  mutating func inspectExec(_ id: String) throws -> JSON {
    guard let exec = execs[id] else { throw Refusal(404, "No such exec instance: \(id)") }
    // Nobody asks again.
    if exec.status != nil { execs[id] = nil }
    return [
      "ID": .string(id), "Running": .bool(exec.status == nil),
      "ExitCode": exec.status.map { .number($0) } ?? .null,
    ]
  }
}
