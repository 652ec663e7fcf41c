import Foundation
import Odoo

@testable import Hosting
@testable import Web

extension PlayedHosting {
  func operations(
    of instance: String?, page: PageRequest, by actor: Actor
  ) async throws -> Page<Hosting.Operation> {
    let (operations, places) = state.withLock { ($0.operations, $0.places) }
    let all = operations.reversed().filter { job in
      places[job.id, default: "acme"] == actor.organisationSlug
        && (instance == nil || job.instance?.uuidString == instance?.uppercased())
    }
    return Page(Array(all.prefix(page.limit + 1)), limit: page.limit) { $0.id.uuidString }
  }

  func operation(_ id: UUID, by actor: Actor) async throws -> Hosting.Operation {
    guard let job = state.withLock({ state in state.operations.first { $0.id == id } }) else {
      throw HostingError.notFound("job", id.uuidString.lowercased())
    }
    return job
  }

  func operationLog(_ id: UUID, after: Int, limit: Int, by actor: Actor) async throws -> [OperationLogLine] {
    Array(state.withLock { $0.logs[id] ?? [] }.filter { $0.number > after }.prefix(limit))
  }

  func followOperation(
    _ id: UUID, after: Int, by actor: Actor
  ) async throws -> AsyncThrowingStream<OperationEvent, any Error> {
    let changes = try await changes(by: actor)
    let first = try await operation(id, by: actor)
    return AsyncThrowingStream { continuation in
      let following = Task {
        var last = after
        var job = first
        func tell() async throws {
          for line in try await self.operationLog(id, after: last, limit: 1000, by: actor) {
            last = line.number
            continuation.yield(.log(line))
          }
          job = try await self.operation(id, by: actor)
          continuation.yield(.changed(job))
        }
        try await tell()
        if !job.isFinished {
          for await change in changes where change == .operation(id, instance: first.instance) {
            try await tell()
            if job.isFinished { break }
          }
        }
        continuation.finish()
      }
      continuation.onTermination = { _ in following.cancel() }
    }
  }

  func operationToCancel(_ id: UUID, by actor: Actor) async throws -> Hosting.Operation {
    let job = try await operation(id, by: actor)
    if let name = job.serverName {
      _ = try await controlled(name, by: actor)
    } else {
      try actor.require(job.kind == "instance.create" ? .createInstances : .restartInstances)
    }
    return job
  }

  func cancelOperation(_ id: UUID, by actor: Actor) async throws -> Hosting.Operation {
    let job = try await operationToCancel(id, by: actor)
    guard !job.isFinished else {
      throw HostingError(.conflict, "This job has ended already: \(job.state.rawValue).")
    }
    change(.operation(id, instance: job.instance)) { state in
      state.edit(id) { job in
        job.state = .cancelled
        job.reason = "\(actor.email) called it off."
        job.finishedAt = Date()
      }
      state.edit(instance: job.instance) {
        $0.activeJob = nil
        $0.status = .failed
        $0.statusReason = "Its creation was cancelled."
      }
    }
    return try await operation(id, by: actor)
  }

  /// Plays a job on `instance` through `steps`. `done` says what has become of the instance; without it, it is gone. An
  /// instance whose name ends in `-fails` fails at the step that starts Odoo; one that ends in `-slow` takes its time.
  func play(
    _ kind: String, on instance: Instance, _ steps: [String], as status: InstanceStatus, by actor: Actor,
    _ done: (@Sendable (inout Instance) -> Void)?
  ) -> Hosting.Operation {
    let id = UUID()
    let job = Hosting.Operation(
      id: id, kind: kind, state: .running, instance: instance.id, instanceName: instance.name.text,
      requestedBy: actor.email, createdAt: Date(), startedAt: Date(), finishedAt: nil, reason: nil,
      steps: steps.map {
        .init(name: $0, state: .pending, startedAt: nil, finishedAt: nil, progress: nil, progressText: nil)
      })
    change(.instance(instance.id)) { state in
      state.operations.append(job)
      state.places[id] = actor.organisationSlug
      state.edit(instance: instance.id) {
        $0.activeJob = id
        $0.statusJob = id
        $0.status = status
        $0.statusReason = status == .creating ? "Is being created." : "A job is under way."
        $0.statusSince = Date()
      }
    }
    Task { await perform(id, on: instance, done) }
    return job
  }

  private func perform(_ id: UUID, on instance: Instance, _ done: (@Sendable (inout Instance) -> Void)?) async
  {
    let steps = state.withLock { state in state.operations.first { $0.id == id }?.steps ?? [] }
    for (index, step) in steps.enumerated() {
      let fails = instance.name.text.hasSuffix("-fails") && step.name == "Start Odoo"
      say(
        id, instance, step: step.name, fails ? "error" : "info",
        "\(step.name): \(fails ? "it ended at once" : "begun")."
      ) {
        $0.steps[index].state = .running
        $0.steps[index].startedAt = Date()
        $0.steps[index].progress = 0.4
        $0.steps[index].progressText = "40 of 100 MB"
      }
      try? await Task.sleep(for: instance.name.text.hasSuffix("-slow") ? pace * 40 : pace)
      guard state.withLock({ state in state.operations.first { $0.id == id }?.state == .running }) else {
        return
      }
      say(id, instance, step: step.name, "info", "\(step.name): \(fails ? "given up" : "done").") {
        $0.steps[index].state = fails ? .failed : .done
        $0.steps[index].finishedAt = Date()
        guard fails else { return }
        $0.state = .failed
        $0.finishedAt = Date()
        $0.reason = "Odoo ended with status 1: <script>alert('reason')</script>"
      }
      guard !fails else {
        return end(instance) {
          $0.status = .failed; $0.statusReason = "Odoo ended with status 1: <script>alert('reason')</script>"
        }
      }
    }
    change(.operation(id, instance: instance.id)) { state in
      state.edit(id) {
        $0.state = .succeeded
        $0.finishedAt = Date()
      }
    }
    end(instance, done)
  }

  private func end(_ instance: Instance, _ done: (@Sendable (inout Instance) -> Void)?) {
    change(.instance(instance.id)) { state in
      guard let done else { return state.instances.removeAll { $0.id == instance.id } }
      state.edit(instance: instance.id) {
        $0.activeJob = nil
        $0.statusSince = Date()
        done(&$0)
      }
    }
  }

  private func say(
    _ id: UUID, _ instance: Instance, step: String, _ level: String, _ text: String,
    _ edit: (inout Hosting.Operation) -> Void
  ) {
    change(.operation(id, instance: instance.id)) { state in
      state.edit(id, edit)
      let number = (state.logs[id]?.count ?? 0) + 1
      state.logs[id, default: []].append(
        OperationLogLine(number: number, time: Date(), step: step, level: level, text: text))
    }
  }
}

extension PlayedHosting.State {
  mutating func edit(_ id: UUID, _ body: (inout Hosting.Operation) -> Void) {
    for index in operations.indices where operations[index].id == id { body(&operations[index]) }
  }

  mutating func edit(instance id: UUID?, _ body: (inout Instance) -> Void) {
    for index in instances.indices where instances[index].id == id { body(&instances[index]) }
  }
}
