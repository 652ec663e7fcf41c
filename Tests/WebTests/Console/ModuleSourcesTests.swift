import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Hosting
@testable import Web

@Suite struct ModuleSourcesTests {
  private static let oca = "https%3A%2F%2Fgithub.com%2FOCA%2Fweb.git"
  private static let own = "git%40git.example.com%3Aacme%2Fshop.git"

  private func sources(_ hosting: PlayedHosting, _ name: String) -> [String] {
    hosting.state.withLock { state in
      let instance = state.instances.first { $0.name.text == name }
      return (instance?.settings.customModules ?? []).map { "\($0.repository.text)#\($0.branch?.text ?? "")" }
    }
  }

  @Test func `rows are taken in another order, or empty ones count, or one that is emptied stays`()
    async throws
  {
    let hosting = PlayedHosting()
    try await browse("owner", hosting) { browser in
      let first = try await browser.get("/new").text
      #expect(first.contains(#"name="settings.customModules.0.repository""#))
      let made = try await browser.post(
        "/instances",
        "name=shop&stage=dev&settings.customModules.0.repository=&settings.customModules.0.branch="
          + "&settings.customModules.1.repository=\(Self.own)&settings.customModules.1.branch="
          + "&settings.customModules.2.repository=\(Self.oca)&settings.customModules.2.branch=19.0")
      #expect(made.status == .ok)
      #expect(
        sources(hosting, "shop") == [
          "git@git.example.com:acme/shop.git#", "https://github.com/OCA/web.git#19.0",
        ])
      let page = try await browser.get("/instances/shop/settings").text
      #expect(page.contains(#"value="https://github.com/OCA/web.git""#) && page.contains(#"value="19.0""#))
      #expect(page.contains(#"name="customModules.2.repository" type="text" value="""#))
      #expect(!page.contains("customModules.3.repository"))
      #expect(try await browser.get("/instances/shop").text.contains("From 2 repositories"))
    }
    let whole =
      "revision=1&workerMemoryMB=2048&cronThreads=1&cpuTimeLimit=60&realTimeLimit=120&logLevel=info&databaseFilter="
    try await browse("owner", hosting) { browser in
      _ = try await browser.post(
        "/instances/shop/settings",
        whole + "&customModules.0.repository=&customModules.0.branch=&customModules.1.repository=\(Self.oca)"
          + "&customModules.1.branch=18.0")
      #expect(sources(hosting, "shop") == ["https://github.com/OCA/web.git#18.0"])
      // A form without such rows says nothing of them.
      _ = try await browser.post(
        "/instances/shop/settings", whole.replacing("revision=1", with: "revision=2"))
      #expect(sources(hosting, "shop") == ["https://github.com/OCA/web.git#18.0"])
    }
  }

  @Test func `what cannot be fetched is refused without its row, or what was typed is lost`() async throws {
    try await browse { browser in
      let refused = try await browser.post(
        "/instances",
        "name=shop&stage=dev&settings.customModules.0.repository=\(Self.oca)&settings.customModules.0.branch=19.0"
          + "&settings.customModules.1.repository=file%3A%2F%2F%2Fetc&settings.customModules.1.branch="
          + "&settings.customModules.2.repository=&settings.customModules.2.branch=19.0")
      #expect(refused.status == .unprocessableContent)
      #expect(refused.text.contains("Source 2: ") && refused.text.contains("Source 3: "))
      #expect(refused.text.contains(##"href="#field-settings-customModules""##))
      #expect(refused.text.contains(#"value="file:///etc""#))
      #expect(refused.text.contains(#"<details class="more" open>"#))
    }
  }
}
