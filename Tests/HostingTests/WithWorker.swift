import Docker
import FoundationEssentials

@testable import Hosting

/// Runs a worker beside `body`, and takes everything of the installation away from Docker afterwards.
func withWorker(_ hosting: Hosting, _ body: @Sendable () async throws -> Void) async throws {
  let worker = Task {
    try await hosting.runWorker(operationsAtOnce: 4, identity: UUID().uuidString, holdsFolder: true)
  }
  do {
    try await body()
  } catch {
    worker.cancel()
    try await cleanUp(hosting)
    throw error
  }
  worker.cancel()
  try await cleanUp(hosting)
}

private func cleanUp(_ hosting: Hosting) async throws {
  let engine = DockerEngine(socket: hosting.configuration.dockerSocket)
  let ours: [String: String?] = [Label.installation: hosting.installation.uuidString]
  for container in try await engine.containers(labels: ours) {
    try await engine.remove(container.id, force: true)
  }
  for volume in try await engine.volumes(labels: ours) { try await engine.removeVolume(volume.name) }
  for network in try await engine.networks(labels: ours) { try await engine.removeNetwork(network.id) }
}

func end(of operation: Operation, _ hosting: Hosting, _ actor: Actor) async throws
  -> Operation.State
{
  var last = operation
  for try await event in try await hosting.followOperation(operation.id, by: actor) {
    switch event {
    case .log(let line): print("    \(line.step ?? "-"): \(line.text)")
    case .changed(let operation): last = operation
    }
  }
  if let reason = last.reason { print("    \(last.kind) \(last.state.rawValue): \(reason)") }
  return last.state
}
