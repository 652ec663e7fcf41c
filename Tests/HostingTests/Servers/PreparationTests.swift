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
