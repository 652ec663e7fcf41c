import Odoo
import Testing

@testable import Hosting

@Suite("Folders that a server offers") struct HostFolderTests {
  private func faults(_ folders: [String], beside instances: String = "/var/lib/odeum-instances") -> [String]
  {
    var faults = Faults()
    let checked = faults.folders(folders, for: .sharedAddons, beside: instances)
    #expect((checked == nil) == !faults.fields.isEmpty)
    #expect(faults.fields.allSatisfy { $0.name == "sharedFolders" })
    return faults.fields.map(\.message)
  }

  @Test(arguments: [
    "/srv/odoo/shared", "/srv", "/opt/odoo/19.0", "/home/ann/addons", "/mnt/nas_1/a+b@c-d", "/srv/...",
    "/etcetera", "/var/lib/odeum-shared", "/var/lib/odeum2", "/usrlocal",
  ])
  func `a folder that is apart from the host’s own is offered`(path: String) {
    #expect(faults([path]) == [])
  }

  @Test(arguments: [
    ("", "has no name"), ("srv/odoo", "is not absolute"), ("~/addons", "is not absolute"),
    ("/", "is the whole machine"), ("/srv/../etc", "has . or .. in it"), ("/srv/..", "has . or .. in it"),
    ("/srv/./x", "has . or .. in it"), ("/srv//odoo", "two slashes"), ("//srv", "two slashes"),
    ("/srv/odoo/", "one at its end"), ("/srv/a b", "neither a letter"), ("/srv/a,/etc", "neither a letter"),
    ("/srv/$HOME", "neither a letter"), ("/srv/a:ro", "neither a letter"),
    ("/srv/a\n/etc", "neither a letter"),
    ("/srv/a\0", "neither a letter"), ("/srv/größe", "neither a letter"),
    ("/srv/e\u{301}", "neither a letter"), ("/" + String(repeating: "x", count: 255), "longer than 255"),
  ])
  func `a path that is not plain is refused with what is wrong with it`(path: String, said: String) {
    #expect(faults([path]).first?.contains(said) == true)
  }

  @Test(arguments: [
    "/etc", "/etc/odoo", "/root", "/root/x", "/proc/1", "/sys", "/dev/shm", "/run/x", "/var/run/docker.sock",
    "/boot", "/usr/lib", "/bin", "/sbin", "/lib", "/lib64", "/var/lib/docker/volumes", "/var/lib/docker",
    "/var/lib/odeum", "/var/lib/odeum/x", "/var/lib/odeum-instances", "/var/lib/odeum-instances/keys",
    // Above them.
    "/var", "/var/lib", "/home",
  ])
  func `what would give the host away is refused, from below and from above`(path: String) {
    #expect(faults([path]).count == 1)
  }

  @Test func `the folder of instances is kept apart wherever it is`() {
    #expect(faults(["/data"], beside: "/data/odeum").count == 1)
    #expect(faults(["/data/odeum/x"], beside: "/data/odeum").count == 1)
    #expect(faults(["/data/shared"], beside: "/data/odeum") == [])
  }

  @Test func `a list is sorted, has each folder once, and ends somewhere`() {
    var faults = Faults()
    #expect(
      faults.folders(["/srv/b", "/srv/a", "/srv/b"], for: .sharedAddons, beside: "/x")?.map(\.text) == [
        "/srv/a", "/srv/b",
      ])
    #expect(faults.folders([], for: .sharedAddons, beside: "/x") == [])
    #expect(faults.fields.isEmpty)
    #expect(self.faults((0...20).map { "/srv/\($0)" }) == ["21 folders are more than 20."])
    // Each that is wrong is named.
    #expect(self.faults(["/etc", "/srv/a", "x"]).count == 2)
  }

  @Test func `a folder holds itself and what is in it, and none that is called like it`() throws {
    let folder = try HostFolder("/srv/shared", field: "")
    for path in ["/srv/shared", "/srv/shared/a", "/srv/shared/a/b"] { #expect(folder.holds(path)) }
    for path in [
      "/srv/shared-evil", "/srv/shared2/a", "/srv", "/srv/Shared/a", "/", "", "/srv/share",
      "/srv/shared\u{301}/a",
    ] {
      #expect(!folder.holds(path), "\(path)")
    }
  }

  @Test func `of folders in each other the narrowest one counts`() throws {
    let folders = try ["/srv", "/srv/odoo", "/srv/odoo2"].map { try HostFolder($0, field: "") }
    #expect(try folders.holding(HostFolder("/srv/odoo/a", field: ""))?.text == "/srv/odoo")
    #expect(try folders.holding(HostFolder("/srv/x", field: ""))?.text == "/srv")
    #expect(try folders.holding(HostFolder("/opt", field: "")) == nil)
  }
}
