import Docker
import Foundation
import Jobs
import Remote

extension Hosting {
  /// Makes a bare server fit for instances, in visible steps, and validates it. What is there already is left as it
  /// is.
  ///
  /// - Throws: `HostingError`: `notFound`, `forbidden`; `conflict` where another operation is under way.
  public func prepareServer(_ reference: String, by actor: Actor) async throws -> Operation {
    let server = try await controlled(reference, by: actor)
    return try await operation(
      try await request(PrepareServer(server: server.id), on: server, by: actor), by: actor)
  }
}

/// Makes a bare Debian or Ubuntu fit for instances.
struct PrepareServer: ServerJob {
  static let kind = "server.prepare"
  static let action = AuditAction.prepareServer
  static var maxAttempts: Int { 3 }
  /// It takes minutes, and nobody has to sit before it: a network that fails meanwhile is waited for.
  static var waitsForServer: Bool { true }

  let server: UUID

  static let steps: [Step<Self>] =
    [
      // A server that was never reached is told at once: its address may be wrong.
      .step("Reach it", within: .seconds(60), waits: false) { work in try await work.reach() },
      .step("Sign in", within: .seconds(60), waits: false) { work in try await work.signIn() },
      .step("Look at it", within: .seconds(120)) { work in
        try await work.check { { try work.verdict.rights($0) + work.verdict.system($0) } }
      },
      Step("Make its folders", deadline: .seconds(120)) { job, run, hosting in
        try await hosting.onServer(job.server, run, waits: waitsForServer) { work in
          try await work.makeFolders()
          return try await work.own()
        }
      },
      .step("Install packages", within: .seconds(3600)) { work in try await work.installPackages() },
      .step("Set up Docker", within: .seconds(300)) { work in try await work.setUpDocker() },
      .step("See that Docker starts again", within: .seconds(120)) { work in try await work.mendStart() },
    ] + ServerChecks.steps()
}

// MARK: - Steps

extension ServerWork {
  func makeFolders() async throws {
    let folder = OdeumFolders.ofInstallation(hosting.installation)
    let instances = hosting.configuration.instancesFolder
    try await visit { visit in
      let report = try await visit.report(hosting)
      let command = Provisions.folders(of: report.user, installation: folder, instances: instances)
      try await visit.host.output(of: try raised(command, report), deadline: .seconds(60))
    }
    run.log("\(folder) and \(instances) are there.")
  }

  /// Owns the server, whose folders are there now: from here on, it is changed under the epoch of the job only. Where
  /// it knows a higher one, of another state of our database or of a time before it was removed here, the job goes on
  /// under one that is higher still.
  func own() async throws -> StepOutcome {
    do {
      try await act { _ in }
      return .done
    } catch {
      guard let epoch = run.epoch else { throw error }
      let higher = try await hosting.fleet.outdo(error, on: server.id, from: epoch)
      return .snooze(.zero, "\(server.name) is taken over under the epoch \(higher).")
    }
  }

  /// Installs what is missing. apt runs on the server on its own: a connection that is lost, and an end of ours, do
  /// not end it half way.
  func installPackages() async throws {
    try await act { visit in
      let report = try await visit.report(hosting)
      let name = "\(run.jobID.uuidString.lowercased())-packages"
      let task = try DetachedTask(name, on: visit.host, in: OdeumFolders.tasks(hosting.installation))
      let packages = Provisions.missingPackages(report)
      switch try await task.state() {
      case .running: run.log("Packages are being installed already; that goes on.")
      case .absent, .ended, .killed, .lost:
        guard !packages.isEmpty else { return run.log("Every package is there.") }
        run.log("To be installed: \(packages.joined(separator: ", ")).")
        try await task.remove()
        try await task.start(
          try raised(Provisions.installing(packages), report),
          for: .init(operation: run.jobID.uuidString.lowercased(), epoch: run.epoch ?? 0))
      }
      try await follow(task)
    }
  }

  /// Tells what `task` writes until it has ended.
  private func follow(_ task: DetachedTask) async throws {
    var lines = LineGatherer()
    let state: DetachedTask.State
    do {
      for try await part in task.follow() {
        for line in lines.take(part) { run.log(line, level: .output) }
        try run.checkpoint()
      }
      if let rest = lines.rest { run.log(rest, level: .output) }
      state = try await task.wait()
    } catch {
      // To end dpkg half way would leave a system that is half set up.
      if run.isCalledOff {
        run.log(
          "apt goes on on \(server.name) until it is done; preparing \(server.name) again waits for that.",
          level: .warning)
      }
      throw error
    }
    guard case .ended(.exited(0)) = state else {
      let status: String = if case .ended(let status) = state { "\(status)" } else { "\(state)" }
      throw HostingError(
        // A mirror that does not answer, or a lock of somebody else's: it is tried again.
        .unavailable, "apt on \(server.name) ended with \(status): \(lines.last)",
        suggestion:
          "Read the whole log of this job; try by hand there: apt-get update && apt-get install docker.io")
    }
    try await task.remove()
  }

  func setUpDocker() async throws {
    try await act { visit in
      let report = try await visit.report(hosting)
      try await setDaemon(visit, report)
      try await visit.host.output(of: try raised(Provisions.startingDocker, report), deadline: .seconds(120))
      if report.privilege == .sudo, !report.isInDockerGroup {
        try await visit.host.output(
          of: try raised(Provisions.lettingUseDocker(report.user), report), deadline: .seconds(60))
        run.log("\(report.user) may use Docker now.")
      }
    }
    run.log("Docker runs, and at every start of the server.")
  }

  func mendStart() async throws {
    try await act { visit in
      let version = try await visit.engine.version().version
      guard HalfDeletedNetworks.concerns(version) else { return run.log("Docker \(version) does.") }
      let folder = try await visit.engine.info().rootFolder
      let command = HalfDeletedNetworks.installing(for: folder)
      try await visit.host.output(
        of: try raised(command, try await visit.report(hosting)), deadline: .seconds(60))
      run.log(
        "Docker \(version) would not where it was ended while it deleted a network; \(HalfDeletedNetworks.unit) "
          + "mends that.")
    }
  }

  private func setDaemon(_ visit: ServerVisit, _ report: SystemReport) async throws {
    let text = try await visit.host.read(DaemonSettings.path, limit: 1 << 20).map {
      String(decoding: $0, as: UTF8.self)
    }
    switch try DaemonSettings(text: text).keepingContainers(on: server.name) {
    case .none: run.log("Containers go on while Docker restarts.")
    case .keptOff:
      run.log("\(DaemonSettings.path) turns live-restore off; that stays as it is.", level: .warning)
    case .text(let new):
      try await visit.host.output(
        of: try raised(Provisions.writingDaemonSettings(new), report), deadline: .seconds(60))
      let isRunning = try await visit.host.run(
        Command("systemctl", "is-active", "--quiet", "docker.service"), deadline: .seconds(30)
      ).exitStatus.isSuccess
      if isRunning {
        try await visit.host.output(
          of: try raised(Provisions.reloadingDocker, report), deadline: .seconds(60))
      }
      run.log("Containers go on from now on while Docker restarts (live-restore in \(DaemonSettings.path)).")
    }
  }

  private func raised(_ command: Command, _ report: SystemReport) throws -> Command {
    guard let privilege = report.privilege else {
      _ = try verdict.rights(report)
      return command
    }
    return privilege.raising(command)
  }
}

/// Cuts bytes that come in parts into lines.
struct LineGatherer {
  private var bytes: [UInt8] = []
  /// The last line that was not empty.
  private(set) var last = ""

  /// The lines that `part` completes, without empty ones.
  mutating func take(_ part: [UInt8]) -> [String] {
    bytes += part
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(whereSeparator: \.isNewline).map(
      String.init)
    bytes.removeSubrange(...end)
    last = lines.last ?? last
    return lines
  }

  /// What came after the last line's end.
  var rest: String? { bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
}
