import Foundation
import Odoo
import Testing

@testable import Hosting

@Suite struct ModuleSourceTests {
  func check(_ sources: [ModuleSource.Wish]?) throws -> InstanceSettings {
    var change = SettingsChange()
    change.customModules = sources
    return try change.checked(
      onto: InstanceSettings(defaultsOf: .dev), version: .v19, stage: .dev, cores: 2, prefix: "settings."
    ).settings
  }

  @Test func `sources are kept in the order in which Odoo is to search them`() throws {
    let settings = try check([
      .init(repository: "https://host/b.git", branch: "19.0"), .init(repository: "git@host:a", branch: ""),
    ])
    #expect(settings.customModules.map(\.repository.text) == ["https://host/b.git", "git@host:a"])
    #expect(settings.customModules.map(\.branch?.text) == ["19.0", nil], "an empty field is no branch")
  }

  @Test func `a wrong source is refused by the field's name and its number`() {
    let error = #expect(throws: HostingError.self) {
      try check([
        .init(repository: "https://host/a", branch: nil), .init(repository: "ext::sh -c id", branch: nil),
        .init(repository: "https://host/b", branch: "--x"),
      ])
    }
    #expect(error?.code == .invalid)
    #expect(error?.fields.map(\.name) == ["settings.customModules", "settings.customModules"])
    #expect(error?.fields.first?.message.hasPrefix("Source 2: ") == true)
    #expect(error?.fields.last?.message == "Source 3: The branch's name begins with a hyphen.")
  }

  @Test func `the same source twice is refused, however it is written`() {
    let error = #expect(throws: HostingError.self) {
      try check([
        .init(repository: "https://host/a.git", branch: "x"),
        .init(repository: "https://host/a/", branch: "x"),
      ])
    }
    #expect(error?.message == "Source 2: The same branch of the same repository stands there twice.")
    #expect(throws: Never.self) {
      try check([
        .init(repository: "https://host/a", branch: "x"), .init(repository: "https://host/a", branch: "y"),
      ])
    }
  }

  @Test func `more than twenty sources are refused`() {
    let many = (1...21).map { ModuleSource.Wish(repository: "https://host/\($0)", branch: nil) }
    let error = #expect(throws: HostingError.self) { try check(many) }
    #expect(error?.message == "21 sources of custom modules are more than 20.")
    #expect(throws: Never.self) { try check(Array(many.prefix(20))) }
  }

  @Test func `settings that were saved before there were custom modules can be read`() throws {
    let settings = InstanceSettings(defaultsOf: .staging)
    var fields = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(settings)) as? [String: Any])
    #expect(fields.removeValue(forKey: "customModules") != nil)
    let old = try JSONSerialization.data(withJSONObject: fields)
    #expect(try JSONDecoder().decode(InstanceSettings.self, from: old) == settings)
  }

  @Test func `saved sources come back as they were`() throws {
    let settings = try check([.init(repository: "https://host/a", branch: "x")])
    let read = try JSONDecoder().decode(InstanceSettings.self, from: JSONEncoder().encode(settings))
    #expect(read == settings)
  }

  @Test func `the first source and the last one's going need a hard restart, everything between a soft one`()
    throws
  {
    let none = InstanceSettings(defaultsOf: .dev)
    let one = try check([.init(repository: "https://host/a", branch: "x")])
    let two = try check([
      .init(repository: "https://host/a", branch: "y"), .init(repository: "https://host/b", branch: nil),
    ])
    #expect(one.restart(from: none) == .hard)
    #expect(none.restart(from: one) == .hard)
    #expect(two.restart(from: one) == .soft)
    #expect(one.takingOverSoftly(onto: none).customModules.isEmpty)
    #expect(two.takingOverSoftly(onto: one).customModules == two.customModules)
  }
}

@Suite struct ModuleCheckoutTests {
  let commit = "4631c17e1333e4e2f7789b4eeb5f1ea45408f7d8"

  func checkout(_ repository: String, _ manifests: [String]) throws -> ModuleCheckout {
    let source = ModuleSource(repository: try RepositoryAddress(repository), branch: nil)
    return try ModuleCheckout(of: source, commit: commit, subject: "One", manifests: manifests)
  }

  @Test func `a folder with modules is not found below the folder of its commit`() throws {
    let checkout = try checkout(
      "https://host/server-tools.git", ["a/__manifest__.py", "more/b/__manifest__.py"])
    #expect(checkout.folder == "server_tools-4631c17e1333e4e2")
    #expect(
      checkout.addons
        == ["server_tools-4631c17e1333e4e2/server_tools", "server_tools-4631c17e1333e4e2/server_tools/more"])
    #expect(checkout.modules == ["a", "b"])
  }

  @Test func `a repository that is itself a module is not found under its own name`() throws {
    let checkout = try checkout("git@host:acme/sale-extra.git", ["__manifest__.py"])
    #expect(checkout.addons == ["sale_extra-4631c17e1333e4e2"])
    #expect(checkout.modules == ["sale_extra"])
  }

  @Test func `a repository without modules is taken`() {
    let error = #expect(throws: HostingError.self) { try checkout("https://host/docs", []) }
    #expect(
      error?.message == "There is no module in https://host/docs: no folder has a file __manifest__.py.")
  }
}
