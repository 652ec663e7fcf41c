import Foundation
import PostgresTesting
import Remote
import Testing

@testable import Hosting

@Suite struct PreparationTests {
  @Test(
    arguments: [
      (nil, "{\n  \"live-restore\": true\n}\n"), ("", "{\n  \"live-restore\": true\n}\n"),
      ("{}", "{\n  \"live-restore\": true\n}\n"),
      (
        "{\n  \"log-driver\": \"local\",\n  \"dns\": [\"1.1.1.1\"]\n}\n",
        "{\n  \"log-driver\": \"local\",\n  \"dns\": [\"1.1.1.1\"],\n  \"live-restore\": true\n}\n"
      ),
      ("{\"a\": {\"b\": \"}\"}}", "{\"a\": {\"b\": \"}\"},\n  \"live-restore\": true\n}\n"),
    ] as [(String?, String)])
  func `Docker’s settings keep what is in them`(old: String?, new: String) throws {
    let change = try DaemonSettings(text: old).keepingContainers(on: "web1")
    #expect(change == .text(new))
    // What was made of it is read again, and needs no further change.
    #expect(try DaemonSettings(text: new).keepingContainers(on: "web1") == .none)
  }

  @Test func `what somebody has decided stays, and what is no JSON is not touched`() throws {
    #expect(try DaemonSettings(text: "{\"live-restore\": false}").keepingContainers(on: "web1") == .keptOff)
    for broken in ["{", "[]", "{\"a\": 1,}", "live-restore: true"] {
      let error = #expect(throws: HostingError.self) {
        try DaemonSettings(text: broken).keepingContainers(on: "web1")
      }
      #expect(error?.message == "/etc/docker/daemon.json on web1 is no JSON object.")
    }
  }

  @Test func `only what is missing is installed, and Docker of another packager is left alone`() throws {
    #expect(Provisions.missingPackages(try .sample()).isEmpty)
    let bare = try SystemReport.sample([
      "program.curl": nil, "program.dockerd": nil, "program.nginx": nil, "socket": "missing",
    ])
    #expect(Provisions.missingPackages(bare) == ["curl", "docker.io", "nginx"])
    let elsewhere = try SystemReport.sample(["program.dockerd": nil])
    #expect(Provisions.missingPackages(elsewhere).isEmpty)
    let confined = try SystemReport.sample(["apparmor": "yes", "program.apparmor_parser": nil])
    #expect(Provisions.missingPackages(confined) == ["apparmor"])
  }

  @Test(arguments: [
    ("dpkg: error: dpkg frontend lock was locked by another process with pid 7", 3),
    ("dpkg: error processing package lockfile-progs (--configure)", 1),
  ])
  func `who holds dpkg's lock is waited for, and nothing else`(said: String, tries: Int) async throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // In the place of programs that change a system; the third try finds the lock free.
    let dpkg = """
      echo >> \(folder)/tries
      [ "$(wc -l < \(folder)/tries)" -ge 3 ] || { echo '\(said)' >&2; exit 2; }
      """
    for (name, script) in [("dpkg", dpkg), ("sleep", ":"), ("apt-get", "echo \"apt-get $*\"")] {
      try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: "\(folder)/\(name)"))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/\(name)")
    }
    var command = Provisions.installing(["nginx"])
    command.environment["PATH"] = Word("\(folder):/usr/bin:/bin")
    let result = try await LocalHost().run(command, deadline: .seconds(60))
    #expect(result.exitStatus.isSuccess == (tries == 3))
    #expect(result.repairedText.contains("install -- nginx") == (tries == 3))
    #expect(result.repairedErrorText.contains(said))
    let count = try String(contentsOfFile: "\(folder)/tries", encoding: .utf8).count
    #expect(count == tries)
  }

  @Test func `a command becomes root’s with its variables and its input, and stays one list of words`() {
    let command = Command("sh", "-c", "echo $A", environment: ["A": "x; reboot"], input: [1])
    #expect(Privilege.root.raising(command) == command)
    let raised = Privilege.sudo.raising(command)
    #expect(raised.program == "sudo")
    #expect(raised.words.map(\.description) == ["-n", "--", "env", "A=x; reboot", "sh", "-c", "echo $A"])
    #expect(raised.input == [1])
  }

  @Test func `lines are put together from parts`() {
    var lines = LineGatherer()
    #expect(lines.take(Array("Reading pack".utf8)) == [])
    #expect(lines.take(Array("age lists\n\nDone\nSett".utf8)) == ["Reading package lists", "Done"])
    #expect(lines.last == "Done")
    #expect(lines.rest == "Sett")
  }
}
