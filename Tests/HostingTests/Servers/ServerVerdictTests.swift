import Docker
import Foundation
import Remote
import Testing

@testable import Hosting

@Suite struct ServerVerdictTests {
  private let verdict = ServerVerdict(server: "web1")

  private func refusal<Found>(_ judge: () throws -> Found) -> String {
    do {
      return "not refused: \(try judge())"
    } catch let error as HostingError {
      return error.description
    } catch {
      return "another error: \(error)"
    }
  }

  private func host(memoryMB: Int = 16_000, diskFreeMB: Int = 50_000, inodesFree: Int = 900_000) -> HostFacts
  {
    HostFacts(
      cores: 4, memoryTotal: memoryMB * 1_000_000, memoryAvailable: memoryMB * 900_000,
      swapTotal: 1_000_000_000, swapFree: 1_000_000_000,
      disk: DiskFacts(
        total: 100_000_000_000, available: diskFreeMB * 1_000_000, inodesTotal: 1_000_000,
        inodesFree: inodesFree),
      osName: "Debian GNU/Linux", osVersion: "12", architecture: "x86_64")
  }

  private func engine(_ api: String, _ version: String = "19.03.15") throws -> EngineVersion {
    try JSONDecoder().decode(
      EngineVersion.self,
      from: Data(#"{"Version":"\#(version)","ApiVersion":"\#(api)","MinAPIVersion":"1.12"}"#.utf8))
  }

  @Test func `a server on which everything is as it should be has no warning`() throws {
    let report = try SystemReport.sample()
    let remarks =
      try verdict.rights(report) + verdict.system(report)
      + verdict.clock(report, now: Date(timeIntervalSince1970: 1_000_000_000))
      + verdict.room(host(), diskAt: "/", diskFloorMB: 5000) + verdict.programs(report, listening: [22, 80])
    try verdict.openings(report)
    #expect(remarks.allSatisfy { !$0.isWarning }, "\(remarks)")
  }

  @Test func `a user without sudo is told what to write into sudoers`() throws {
    let report = try SystemReport.sample(["user": "visitor", "privilege": ""])
    #expect(
      refusal { try verdict.rights(report) }
        == "visitor on web1 is not root and may not use sudo without a password. Sign in as another user (odeum server "
        + "edit web1 --user root), or put this line into /etc/sudoers.d/odeum there: visitor ALL=(ALL) NOPASSWD: ALL"
    )
  }

  @Test func `another system than Debian and Ubuntu is refused, a relative of theirs is not`() throws {
    let fedora = try SystemReport.sample(["os.ID": "fedora", "os.PRETTY_NAME": "Fedora Linux 41"])
    #expect(
      refusal { try verdict.system(fedora) }.hasPrefix(
        "web1 runs Fedora Linux 41, and Odeum works with Debian"))
    let mint = try SystemReport.sample(["os.ID": "linuxmint", "os.ID_LIKE": "\"ubuntu debian\""])
    #expect(try verdict.system(mint).count == 1)
    let container = try SystemReport.sample(["systemd": nil])
    #expect(refusal { try verdict.system(container) }.contains("not run by systemd"))
  }

  @Test(arguments: [(0.0, 0), (6, 1), (-6, 1)]) func `a clock that is a little wrong is remarked`(
    skew: Double, warnings: Int
  )
    throws
  {
    let report = try SystemReport.sample()
    let now = Date(timeIntervalSince1970: report.clock - skew)
    #expect(try verdict.clock(report, now: now).count(where: \.isWarning) == warnings)
  }

  @Test func `a clock that is wrong by more than a minute is refused`() throws {
    let report = try SystemReport.sample()
    #expect(
      refusal { try verdict.clock(report, now: Date(timeIntervalSince1970: report.clock + 90)) }
        == "The clock of web1 is 90.0 s behind. Have it set by itself there (timedatectl set-ntp true), or see whose clock "
        + "is wrong.")
  }

  @Test func `a full disk is refused with what to do`() throws {
    #expect(
      refusal { try verdict.room(host(diskFreeMB: 1200), diskAt: "/var/lib/docker", diskFloorMB: 5000) }
        == "The disk of web1 has 1200 of 100000 MB free at /var/lib/docker, and nothing new is put on it below 5000 MB. "
        + "Free some space there (old images: docker image prune), or give it a larger disk.")
    #expect(
      refusal { try verdict.room(host(inodesFree: 9000), diskAt: "/", diskFloorMB: 5000) }
        .contains("can hold 9000 more files"))
    #expect(
      refusal { try verdict.room(host(memoryMB: 500), diskAt: "/", diskFloorMB: 0) }.contains(
        "500 MB of memory"))
  }

  @Test func `no Docker, a socket that is closed and folders that are missing are told apart`() throws {
    let none = try SystemReport.sample(["socket": "missing"])
    #expect(
      refusal { try verdict.openings(none) }
        == "There is no Docker on web1: nothing listens at /var/run/docker.sock. Let Odeum install it: "
        + "odeum server prepare web1")
    let closed = try SystemReport.sample(["user": "admin", "privilege": "sudo", "socket": "closed"])
    #expect(refusal { try verdict.openings(closed) }.contains("usermod -aG docker admin"))
    let folders = try SystemReport.sample(["user": "admin", "privilege": "sudo", "folder": "missing"])
    #expect(
      refusal { try verdict.openings(folders) }.contains("Let Odeum make them: odeum server prepare web1"))
  }

  @Test func `Docker that is too old is refused with both versions`() throws {
    #expect(
      refusal { try verdict.engine(try engine("1.40")) }
        == "Docker 19.03.15 on web1 is too old: it speaks version 1.40 of its API, and 1.41 is needed. Update it there to "
        + "Docker 20.10 or newer (apt-get install --only-upgrade docker.io).")
    #expect(try verdict.engine(try engine("1.41")).count == 1)
  }

  @Test func `Docker that may not start again is remarked until that is seen to`() throws {
    for version in ["19.03.15", "20.10.5+dfsg1", "20.10.24+dfsg1", "23.0.4"] {
      let remarks = verdict.start(of: try engine("1.41", version), isMended: false)
      #expect(remarks.map(\.isWarning) == [true] && remarks[0].text.contains("odeum server prepare web1"))
      #expect(verdict.start(of: try engine("1.41", version), isMended: true) == [])
    }
    for version in ["20.10.25", "23.0.5", "24.0.0", "26.1.5+dfsg1", "29.0.1"] {
      #expect(verdict.start(of: try engine("1.41", version), isMended: false) == [])
    }
  }

  @Test func `a missing program is refused where nothing works without it, else remarked`() throws {
    let curl = try SystemReport.sample(["program.curl": nil])
    #expect(
      refusal { try verdict.programs(curl, listening: []) }
        == "curl is missing on web1. Let Odeum install what is needed: odeum server prepare web1")
    let nginx = try SystemReport.sample(["program.nginx": nil])
    let remarks = try verdict.programs(nginx, listening: [80])
    #expect(remarks.count(where: \.isWarning) == 2, "\(remarks)")
  }

  @Test func `one machine is not two servers, and another machine is not the same server`() throws {
    #expect(throws: Never.self) {
      try verdict.identity("a", formerly: nil, instances: 3, otherServer: nil)
      try verdict.identity("a", formerly: "a", instances: 3, otherServer: nil)
      try verdict.identity("a", formerly: "b", instances: 0, otherServer: nil)
    }
    let twice = #expect(throws: HostingError.self) {
      try verdict.identity("a", formerly: nil, instances: 0, otherServer: "web2")
    }
    #expect(twice?.message == "web1 is the same machine as web2: both have the machine id a.")
    let exchanged = #expect(throws: HostingError.self) {
      try verdict.identity("a", formerly: "b", instances: 2, otherServer: nil)
    }
    #expect(
      exchanged?.message.hasPrefix("At the address of web1 there is another machine than before") == true)
  }
}
