import Client
import Testing

@testable import odeum

@Suite struct SettingsOptionsTests {
  private func settings(_ words: String...) throws -> API.SettingsChange {
    try #require(try Odeum.parseAsRoot(["instance", "settings", "shop"] + words) as? InstanceSettings)
      .settings
      .change()
  }

  @Test(arguments: ["postgis,unaccent", "postgis unaccent", "postgis, unaccent", " postgis\n,unaccent,"])
  func `names in a list have commas or blanks between them`(list: String) throws {
    #expect(try settings("--extensions", list).postgres?.extensions == ["postgis", "unaccent"])
    #expect(try settings("--packages", list).packages?.odoo == ["postgis", "unaccent"])
    let command = try #require(
      try Odeum.parseAsRoot(["instance", "create", "shop", "--modules", list]) as? CreateInstance)
    #expect(command.modules?.names == ["postgis", "unaccent"])
  }

  @Test func `an empty list is none, and no list is no change`() throws {
    #expect(try settings("--extensions", "").postgres?.extensions == [])
    #expect(try settings("--packages", "a").postgres == nil)
  }

  @Test func `a comma is a part of what pip is asked for`() throws {
    #expect(
      try settings("--python-packages", "requests>=2,<3 babel[a,b]").packages?.python == [
        "requests>=2,<3", "babel[a,b]",
      ])
  }

  @Test func `a negative number is a number, for the server to refuse`() throws {
    #expect(try settings("--workers", "-3").workers == .fixed(-3))
    #expect(try settings("--memory", "-1").odoo?.memoryMB == -1)
    #expect(throws: (any Error).self) { try settings("--workers", "--memory") }
  }
}
