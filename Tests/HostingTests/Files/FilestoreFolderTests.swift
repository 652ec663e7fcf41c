import Foundation
import Odoo
import Testing

@testable import Hosting

/// Files of instances in folders of their server.
@Suite struct FilestoreFolderTests {
  private let installation = UUID()
  private let instance = UUID()

  private func folder(_ text: String) throws -> HostFolder { try HostFolder(text, field: "") }

  private func parsed(_ device: String) -> FilestoreFolder? {
    FilestoreFolder(device: device, installation: installation, instance: instance)
  }

  @Test func `a folder is known by what its volume is bound to`() throws {
    let made = FilestoreFolder(in: try folder("/mnt/nas/a"), installation: installation, instance: instance)
    #expect(made.device == "/mnt/nas/a/odeum-\(instance.uuidString.lowercased())/files")
    #expect(parsed(made.device) == made)
  }

  @Test(arguments: ["", "/", "/files", "/mnt/nas", "/mnt/nas/files", "relative/odeum/files"])
  func `what somebody else bound a volume to is no folder of ours`(device: String) {
    #expect(parsed(device) == nil)
    #expect(parsed("\(device)/odeum-\(UUID().uuidString.lowercased())/files") == nil)
    #expect(parsed("\(device)/odeum-\(instance.uuidString.lowercased())/other") == nil)
  }

  @Test func `only a whole folder that the server offers for files is taken`() throws {
    func check(_ path: String) throws -> InstanceSettings {
      var change = SettingsChange()
      change.externalFilestore = path
      return try change.checked(
        onto: InstanceSettings(defaultsOf: .dev), version: .v19, stage: .dev, cores: 1,
        offered: OfferedFolders(
          server: "web1", shared: [folder("/srv/shared")], filestores: [folder("/mnt/nas")])
      ).settings
    }
    #expect(try check("/mnt/nas").externalFilestore?.text == "/mnt/nas")
    #expect(try check("").externalFilestore == nil)
    for path in ["/mnt/nas/inside", "/mnt", "/srv/shared", "/mnt/nas/", "/mnt/nas/../nas", "nas"] {
      let error = #expect(throws: HostingError.self) { try check(path) }
      #expect(error?.fields.map(\.name) == ["externalFilestore"], "\(path)")
    }
  }

  @Test func `folders for files are apart from each other and from what instances share`() throws {
    func faults(_ filestores: [String], _ shared: [String] = []) throws -> Int {
      var faults = Faults()
      faults.refuseOverlap(of: try filestores.map(folder), with: try shared.map(folder))
      return faults.fields.count
    }
    #expect(try faults(["/mnt/a", "/mnt/b", "/mnt/ab"], ["/srv/a", "/mnt/c"]) == 0)
    #expect(try faults(["/mnt/a", "/mnt/a/b"]) == 1)
    #expect(try faults(["/mnt/a"], ["/mnt/a"]) == 1)
    #expect(try faults(["/mnt/a"], ["/mnt"]) == 1)
    #expect(try faults(["/mnt"], ["/mnt/a"]) == 1)
  }

  @Test func `each place of the files has a volume of its own, and wants a hard restart`() async throws {
    try await StoreScene.run(.memory) { scene in
      let shop = try scene.instance("shop")
      var settings = shop.settings
      #expect(shop.filesVolume(with: settings) == shop.parts.files)
      settings.externalFilestore = try folder("/mnt/a")
      let first = shop.filesVolume(with: settings)
      settings.externalFilestore = try folder("/mnt/b")
      #expect(Set([shop.parts.files, first, shop.filesVolume(with: settings)]).count == 3)
      #expect(settings.restart(from: shop.settings) == .hard)
      #expect(settings.takingOverSoftly(onto: shop.settings).externalFilestore == nil)
    }
  }
}
