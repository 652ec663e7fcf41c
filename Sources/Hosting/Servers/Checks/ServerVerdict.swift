import Docker
import Foundation
import Remote

/// What a check of a server found, in words for its log. What makes a server unfit is thrown instead.
struct Remark: Sendable, Equatable {
  var text: String
  var isWarning = false

  static func fine(_ text: String) -> Remark { Remark(text: text) }
  static func warning(_ text: String) -> Remark { Remark(text: text, isWarning: true) }
}

/// The rules by which a server is fit for instances. They know no host: each judges what was read from one.
struct ServerVerdict: Sendable {
  /// What messages call the server.
  let server: String

  private func unfit(_ message: String, _ suggestion: String) -> HostingError {
    HostingError(.invalid, message, suggestion: suggestion)
  }

  private var prepare: String { "odeum server prepare \(server)" }

  /// Whether the user may do what must be done.
  func rights(_ report: SystemReport) throws -> [Remark] {
    switch report.privilege {
    case .root: return [.fine("Signed in as root.")]
    case .sudo: return [.fine("Signed in as \(report.user), who may use sudo without a password.")]
    case nil:
      throw unfit(
        "\(report.user) on \(server) is not root and may not use sudo without a password.",
        "Sign in as another user (odeum server edit \(server) --user root), or put this line into "
          + "/etc/sudoers.d/odeum there: \(report.user) ALL=(ALL) NOPASSWD: ALL")
    }
  }

  /// Whether Odeum knows how to handle the system.
  func system(_ report: SystemReport) throws -> [Remark] {
    guard !Set(report.distributions).isDisjoint(with: ["debian", "ubuntu"]) else {
      throw unfit(
        "\(server) runs \(report.system), and Odeum works with Debian and Ubuntu.",
        "Install Debian 12 or Ubuntu 24.04 on it, or take another server.")
    }
    guard ["x86_64", "aarch64"].contains(report.architecture) else {
      throw unfit(
        "\(server) is a machine of the kind \(report.architecture), for which there are no images of Odoo.",
        "Take one with x86-64 or 64-bit ARM.")
    }
    guard report.hasSystemd else {
      throw unfit(
        "\(server) is not run by systemd, with which Docker and nginx are started there.",
        "Take a server with an ordinary Debian or Ubuntu; a container is none.")
    }
    var remarks = [Remark.fine("\(report.system) on \(report.architecture).")]
    if report.machine.isEmpty { remarks.append(.warning("It has no /etc/machine-id to know it again by.")) }
    return remarks
  }

  /// Whether the clocks agree: certificates, sessions and backups depend on it.
  func clock(_ report: SystemReport, now: Date) throws -> [Remark] {
    let skew = report.clock - now.timeIntervalSince1970
    let words = String(format: "%.1f s ", abs(skew)) + (skew > 0 ? "ahead" : "behind")
    guard abs(skew) <= 60 else {
      throw unfit(
        "The clock of \(server) is \(words).",
        "Have it set by itself there (timedatectl set-ntp true), or see whose clock is wrong.")
    }
    return abs(skew) > 5
      ? [.warning("Its clock is \(words): have it set by itself (timedatectl set-ntp true).")]
      : [.fine("Its clock agrees with ours.")]
  }

  /// Whether there is room for instances at all. Sizes are in MB of 10^6 bytes.
  func room(_ facts: HostFacts, diskAt path: String, diskFloorMB: Int) throws -> [Remark] {
    let memory = facts.memoryTotal / 1_000_000
    let free = facts.disk.available / 1_000_000
    let total = facts.disk.total / 1_000_000
    guard memory >= 900 else {
      throw unfit(
        "\(server) has \(memory) MB of memory, and one instance with two workers needs 1112 MB.",
        "Give it at least 2 GB, or take another server.")
    }
    guard free >= diskFloorMB else {
      throw unfit(
        "The disk of \(server) has \(free) of \(total) MB free at \(path), and nothing new is put on it below "
          + "\(diskFloorMB) MB.",
        "Free some space there (old images: docker image prune), or give it a larger disk.")
    }
    let inodes = facts.disk
    guard inodes.inodesTotal == 0 || inodes.inodesFree * 100 >= inodes.inodesTotal else {
      throw unfit(
        "The file system of \(server) at \(path) can hold \(inodes.inodesFree) more files of \(inodes.inodesTotal).",
        "Remove what consists of many small files, or make the file system anew with more inodes.")
    }
    var remarks = [
      Remark.fine(
        "\(facts.cores) cores, \(memory) MB of memory, \(free) of \(total) MB of disk free at \(path).")
    ]
    if memory < 2000 {
      remarks.append(.warning("\(memory) MB of memory are enough for one small instance only."))
    }
    if facts.swapTotal == 0, memory < 8000 {
      remarks.append(.warning("It has no swap: where memory ends, programs are killed."))
    }
    if facts.load.five > 2 * Double(facts.cores) {
      remarks.append(
        .warning(String(format: "It is busy: a load of %.1f on %d cores.", facts.load.five, facts.cores)))
    }
    return remarks
  }

  /// Whether the programs are there that Odeum itself calls, and what stands in the way of nginx.
  func programs(_ report: SystemReport, listening: Set<Int>) throws -> [Remark] {
    let missing = ["curl", "flock", "setsid"].filter { !report.programs.contains($0) }
    guard missing.isEmpty else {
      throw unfit(
        "\(missing.joined(separator: " and ")) \(missing.count == 1 ? "is" : "are") missing on \(server).",
        "Let Odeum install what is needed: \(prepare)")
    }
    var remarks = [Remark.fine("The programs that are needed are there.")]
    let later = ["git", "nginx", "certbot", "restic"].filter { !report.programs.contains($0) }
    if !later.isEmpty {
      remarks.append(
        .warning("Not there, and needed for some things: \(later.joined(separator: ", ")). See: \(prepare)"))
    }
    let taken = [80, 443].filter(listening.contains)
    if !taken.isEmpty, !report.programs.contains("nginx") {
      remarks.append(
        .warning(
          "Another program listens on port \(taken.map(String.init).joined(separator: " and ")), where nginx is to serve "
            + "domains."))
    }
    return remarks
  }

  /// Whether the user may use the engine's socket and the folders of Odeum.
  func openings(_ report: SystemReport) throws {
    switch report.dockerSocket {
    case .missing:
      throw unfit(
        "There is no Docker on \(server): nothing listens at \(DockerEngine.defaultSocket).",
        "Let Odeum install it: \(prepare)")
    case .closed:
      throw unfit(
        "\(report.user) may not use Docker on \(server).",
        "Let Odeum see to it (\(prepare)), or put \(report.user) into its group there: usermod -aG docker \(report.user)"
      )
    case .open: break
    }
    guard report.folder == .open, report.instancesFolder == .open else {
      throw unfit(
        "The folders of Odeum on \(server) are not there, or not \(report.user)’s.",
        "Let Odeum make them: \(prepare)")
    }
  }

  /// Whether the engine is new enough.
  func engine(_ version: EngineVersion) throws -> [Remark] {
    guard version.apiVersion >= .oldest else {
      throw unfit(
        "Docker \(version.version) on \(server) is too old: it speaks version \(version.apiVersion) of its API, and "
          + "\(APIVersion.oldest) is needed.",
        "Update it there to Docker 20.10 or newer (apt-get install --only-upgrade docker.io).")
    }
    return [.fine("Docker \(version.version), version \(version.apiVersion) of its API.")]
  }

  /// What the engine does not do that it should.
  func engine(_ info: EngineInfo) -> [Remark] {
    var remarks: [Remark] = []
    if !info.liveRestore {
      remarks.append(
        .warning("A restart of Docker there stops all instances (live-restore is off). See: \(prepare)"))
    }
    if !info.supportsMemoryLimit {
      remarks.append(.warning("Its kernel sets no memory limits: those of instances have no effect."))
    }
    return remarks
  }

  /// Whether the engine starts again whenever it was ended.
  func start(of version: EngineVersion, isMended: Bool) -> [Remark] {
    guard !isMended, HalfDeletedNetworks.concerns(version.version) else { return [] }
    return [
      .warning(
        "Docker \(version.version) never starts again where it was ended while it deleted a network (moby 45057). "
          + "Update it to 23.0.5 or newer, or let Odeum see to it: \(prepare)")
    ]
  }

  /// Whether it is the machine that it was, and no other server of ours.
  func identity(
    _ machine: String, formerly: String?, instances: Int, otherServer: String?
  ) throws {
    if let otherServer {
      throw HostingError(
        .conflict, "\(server) is the same machine as \(otherServer): both have the machine id \(machine).",
        suggestion:
          "Remove one of the two. If it is a copy of that machine, give it an id of its own there: "
          + "rm /etc/machine-id && systemd-machine-id-setup && reboot")
    }
    if let formerly, formerly != machine, instances > 0 {
      throw HostingError(
        .conflict,
        "At the address of \(server) there is another machine than before: its id is \(machine), and was \(formerly).",
        suggestion:
          "Correct the address (odeum server edit \(server) --address …). If the machine was installed anew, its "
          + "\(instances) instances are gone: see docs/operate.md, “A server that is gone”.")
    }
  }
}
