import Foundation
import HTTPTypes
import Hosting
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct OrganisationPagesTests {
  private func hosting(others: String...) -> PlayedHosting {
    let hosting = PlayedHosting()
    hosting.state.withLock { $0.otherOrganisations = others }
    return hosting
  }

  @Test func `the pages of an organisation stay in its place, with every link, form and redirect`()
    async throws
  {
    let hosting = hosting(others: "globex")
    try await made(hosting, "shop")
    try await browse("owner", hosting) { browser in
      for page in [
        "", "/", "/instances", "/instances/shop", "/people", "/account", "/jobs", "/servers", "/audit",
      ] {
        let answer = try await browser.get("/o/globex\(page)")
        #expect(answer.status == .ok, "\(page)")
        let addresses = answer.text.matches(of: /\s(?:href|action|hx-get|sse-connect)="(\/[^"]*)"/).map {
          String($0.1)
        }
        let outside = addresses.filter { !$0.hasPrefix("/o/globex") }.map {
          $0.split(separator: "/").first ?? ""
        }
        #expect(
          Set(outside).isSubset(of: ["api", "assets", "theme", "sign-out", "organisations"]),
          "\(page): \(Set(outside))")
        #expect(!answer.text.contains("/o/globex/o/"), "\(page)")
      }
      let made = try await browser.post(
        "/o/globex/people/invitations", "key=k&email=ada%40example.org&role=viewer")
      #expect(made.status == .ok)
      let saved = try await browser.post("/o/globex/instances/shop/stop")
      #expect(saved.status == .seeOther && saved.headers[.location]?.hasPrefix("/o/globex/") == true)
    }
  }

  @Test
  func `an address without an organisation leads into one, and changes nothing before it is known which`()
    async throws
  {
    let hosting = hosting(others: "globex")
    try await browse("owner", hosting) { browser in
      let answer = try await browser.get("/instances?search=a")
      #expect(answer.status == .seeOther && answer.headers[.location] == "/o/acme/instances?search=a")
      let before = hosting.state.withLock { $0.changes }
      #expect(try await browser.post("/instances", "name=x").status == .unprocessableContent)
      #expect(hosting.state.withLock { $0.changes } == before)
    }
    try await browse("owner") { browser in
      let only = try await browser.get("/instances")
      #expect(only.status == .ok)
    }
  }

  @Test func `an organisation of others is not there, as one that does not exist`() async throws {
    try await browse("owner", hosting(others: "globex")) { browser in
      let texts = try await ["initech", "nothing"].asyncMap { slug in
        let answer = try await browser.get("/o/\(slug)/instances")
        #expect(answer.status == .notFound)
        return answer.text.replacing(slug, with: "SLUG")
      }
      #expect(texts[0] == texts[1])
    }
    try await browse(nil) { browser in
      let stranger = try await browser.get("/o/acme/instances")
      #expect(stranger.status == .seeOther)
    }
  }

  @Test func `an operator makes organisations and says what each may have`() async throws {
    let hosting = hosting()
    try await browse("owner", hosting) { browser in
      let taken = try await browser.post("/organisations", "slug=acme")
      #expect(taken.status == .conflict && taken.text.contains(#"id="field-slug-error""#))
      let made = try await browser.post("/organisations", "slug=globex&name=Globex")
      #expect(made.headers[.location] == "/organisations/globex")
      let wrong = try await browser.post("/organisations/globex", "name=Globex&plan.limits.servers=many")
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("whole number"))
      let form = "name=Globex&plan.name=Small&plan.limits.servers=2&plan.has.ide=yes"
      #expect(try await browser.post("/organisations/globex", form).status == .seeOther)
    }
    let plan = hosting.state.withLock { $0.plan }
    #expect(plan.name == "Small" && plan.limits == [.servers: 2])
    #expect(plan.lacks == Set(Plan.Allowance.allCases).subtracting([.ide]))
    try await browse("viewer", hosting) { browser in
      let own = try await browser.get("/organisations")
      #expect(own.status == .ok)
      #expect(try await browser.get("/organisations/acme").status == .forbidden)
      #expect(try await browser.post("/organisations", "slug=mine").status == .forbidden)
    }
  }

  @Test func `what people wrote is not taken for an address`() {
    let place = OrganisationPlace(slug: "acme")
    #expect(
      place.placing(#"<a href="/instances">href=&quot;/jobs</a>"#)
        == #"<a href="/o/acme/instances">href=&quot;/jobs</a>"#)
    #expect(place.placing(#"<input value="/jobs" href="//evil">"#) == #"<input value="/jobs" href="//evil">"#)
    #expect(
      place.placing(#"<a href="/o/acme/jobs"><a href="/assets/x.css">"#)
        == #"<a href="/o/acme/jobs"><a href="/assets/x.css">"#)
    #expect(place.address("/jobs?a=b") == "/o/acme/jobs?a=b")
    #expect(place.address("/") == "/o/acme/")
    for address in ["//evil.example", "https://evil.example/jobs", "/sign-in", "/o/globex/jobs"] {
      #expect(place.address(address) == address)
    }
  }
}

extension Array {
  fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result]
  {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
