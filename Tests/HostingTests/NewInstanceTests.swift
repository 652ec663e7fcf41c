import Foundation
import Odoo
import Testing

@testable import Hosting

@Suite struct NewInstanceTests {
  let today = Date(timeIntervalSince1970: 1_795_000_000)  // 2026-11-18

  @Test func `a bare name becomes the newest supported version in community for production`() throws {
    let checked = try NewInstance(name: "shop").checked(today: today)
    #expect(checked.name.text == "shop")
    #expect(checked.version == .v19)
    #expect(checked.edition == .community)
    #expect(checked.stage == .production)
    #expect(checked.language == "en_US")
  }

  @Test(arguments: [
    "Shop", "shop_1", "-shop", "shop.example", "", String(repeating: "a", count: 41), "sh op", "ö",
  ])
  func `a name that is no DNS label is refused by the field name`(name: String) {
    let error = #expect(throws: HostingError.self) { try NewInstance(name: name).checked(today: today) }
    #expect(error?.code == .invalid)
    #expect(error?.fields.map(\.name) == ["name"])
  }

  @Test func `everything at fault is named at once`() {
    var wish = NewInstance(name: "Shop")
    wish.version = "13.0"
    wish.edition = "ultimate"
    wish.stage = "test"
    wish.language = "german"
    wish.country = "XX"
    wish.modules = ["sale; rm -rf /"]
    let error = #expect(throws: HostingError.self) { try wish.checked(today: today) }
    #expect(
      error?.fields.map(\.name) == ["name", "version", "edition", "stage", "language", "country", "modules"])
  }

  @Test func `Enterprise without a source is refused and says what to do`() {
    var wish = NewInstance(name: "shop")
    wish.edition = "enterprise"
    let error = #expect(throws: HostingError.self) { try wish.checked(today: today) }
    #expect(error?.fields.map(\.name) == ["edition"])
    #expect(error?.suggestion?.contains("community") == true)
  }

  @Test func `modules are sorted, each once, base left out`() throws {
    var wish = NewInstance(name: "shop")
    wish.modules = ["stock", "crm", "base", "stock"]
    #expect(try wish.checked(today: today).modules == ["crm", "stock"])
  }

  @Test func `a version out of support is allowed and remarked`() throws {
    var wish = NewInstance(name: "shop")
    wish.version = "14.0"
    #expect(try wish.checked(today: today).notes.first?.contains("phased out") == true)
  }
}
