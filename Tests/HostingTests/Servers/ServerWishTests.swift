import Remote
import Testing

@testable import Hosting

@Suite struct ServerWishTests {
  private func faults(_ change: (inout NewServer) -> Void) -> [String: String] {
    var wish = NewServer(name: "web1", address: "web1.example.com")
    change(&wish)
    do {
      _ = try wish.checked()
      return [:]
    } catch let error as HostingError {
      return Dictionary(error.fields.map { ($0.name, $0.message) }) { $1 }
    } catch {
      return ["": "\(error)"]
    }
  }

  @Test(arguments: [
    "$(reboot)", "web1;reboot", "web1 -oProxyCommand=x", "-oProxyCommand=x", "`id`", "web1\nx", "root@web1",
    "",
    "web1:22", "[::1]",
  ])
  func `an address that is more than an address is refused`(address: String) {
    #expect(
      faults { $0.address = address }["address"]?.hasSuffix("cannot be the address of a server.") == true)
  }

  @Test(arguments: ["web1.example.com", "192.0.2.7", "2001:db8::7", "localhost"])
  func `an address is taken as it is`(address: String) {
    #expect(faults { $0.address = address } == [:])
  }

  @Test func `every field at fault is named`() {
    let faults = faults {
      $0.name = "Web_1"
      $0.port = 70_000
      $0.user = "root; id"
      $0.stagePolicy = "perhaps"
      $0.note = String(repeating: "x", count: 2001)
      $0.sharedWith = ["acme"]
    }
    // One at a time of what makes up the target.
    #expect(Set(faults.keys) == ["name", "port", "stagePolicy", "note", "sharedWith"])
  }

  @Test func `names that are words of the API’s addresses are reserved`() {
    for name in ["placement", "host-key", "new"] {
      #expect(faults { $0.name = name }["name"] == "The name “\(name)” is reserved.")
    }
  }

  @Test func `folders are checked as those of a server that is changed`() throws {
    var wish = NewServer(name: "web1", address: "web1.example.com")
    wish.sharedFolders = ["/srv/b", "/srv/a"]
    wish.filestoreFolders = ["/mnt/nas"]
    let folders = try wish.checked().folders
    #expect(
      folders.shared.map(\.text) == ["/srv/a", "/srv/b"] && folders.filestores.map(\.text) == ["/mnt/nas"])
    #expect(faults { $0.sharedFolders = ["/etc"] }["sharedFolders"]?.contains("the host’s own") == true)
    let overlap = faults {
      $0.sharedFolders = ["/srv/a"]
      $0.filestoreFolders = ["/srv/a/files"]
    }
    #expect(overlap["filestoreFolders"]?.contains("not apart") == true)
  }

  @Test func `a key and a password are one too many, and a password is one line`() {
    #expect(
      faults {
        $0.signIn(withKey: "key", orPassword: "secret")
      }["password"] == "A private key and a password were given, and one of them is enough.")
    #expect(
      faults { $0.signIn(withKey: nil, orPassword: "one\ntwo") }["password"]
        == "A password is one line that is not empty.")
  }

  @Test func `a change is checked like a wish, and the machine of the control plane has no way in`() throws {
    var change = ServerChange()
    change.address = "$(id)"
    let error = #expect(throws: HostingError.self) { try Server.sample().taking(change) }
    #expect(error?.fields.map(\.name) == ["address"])
    var local = Server.sample("local", kind: .local)
    local.access = nil
    change.address = "web2"
    #expect(throws: HostingError.self) { try local.taking(change) }
    change = ServerChange()
    change.note = "rack 4"
    #expect(try local.taking(change).note == "rack 4")
  }
}
