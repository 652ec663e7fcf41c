import Foundation
import Hosting
import Hummingbird
import Testing

@testable import Web

/// What the plan does not allow is there, greyed out, and says why.
@Suite struct PlanPagesTests {
  private func hosting(_ change: (inout Plan) -> Void) async throws -> PlayedHosting {
    let hosting = PlayedHosting()
    try await made(hosting, "shop")
    var plan = Plan()
    plan.name = "Small"
    change(&plan)
    hosting.state.withLock { [plan] in $0.plan = plan }
    return hosting
  }

  @Test func `a full plan greys out the button and the form, with the reason as their description`()
    async throws
  {
    let hosting = try await hosting { $0.limits[.instancesPerProject] = 1 }
    try await browse("developer", hosting) { browser in
      let reason = "The plan “Small” of acme allows 1 instances in a project, and there are 1."
      for path in ["/instances", "/"] {
        let page = try await browser.get(path).text
        #expect(page.contains("id=\"new\" aria-disabled=\"true\" aria-describedby=\"new-why\""), "\(path)")
        #expect(page.contains(reason), "\(path)")
      }
      #expect(try await browser.get("/").text.contains("1 of 1"))
      let form = try await browser.get("/new").text
      #expect(form.contains("<fieldset disabled aria-describedby=\"plan-full\">"))
      #expect(form.contains("id=\"plan-full\"") && form.contains(reason))
      #expect(!form.contains("Create instance</button>"))
    }
  }

  @Test func `a stage and an edition that the plan lacks cannot be chosen, and say why`() async throws {
    let hosting = try await hosting {
      $0.limits[.staging] = 0
      $0.lacks = [.enterprise]
    }
    try await browse("owner", hosting) { browser in
      for path in ["/new", "/instances/shop/settings"] {
        let page = try await browser.get(path).text
        #expect(
          page.contains("value=\"staging\" disabled aria-describedby=\"field-stage-staging\""), "\(path)")
        #expect(page.contains("allows 0 staging instances, and there are 0."), "\(path)")
      }
      let page = try await browser.get("/new").text
      #expect(page.contains("<option value=\"enterprise\" disabled>"))
      #expect(page.contains("does not include Odoo Enterprise."))
    }
  }

  @Test func `without tuning, what is tuning is greyed out, and saving the rest changes none of it`()
    async throws
  {
    let hosting = try await hosting { $0.lacks = [.instanceTuning] }
    try await browse("owner", hosting) { browser in
      let odoo = try await browser.get("/instances/shop/settings").text
      #expect(odoo.matches(of: /<fieldset class="form" disabled aria-describedby="plan-untuned">/).count == 5)
      #expect(odoo.contains("does not include settings of Odoo and PostgreSQL."))
      for part in ["postgresql", "packages"] {
        let page = try await browser.get("/instances/shop/settings/\(part)").text
        #expect(page.contains("<fieldset disabled>") && page.contains("does not include settings"), "\(part)")
      }
      let former = hosting.state.withLock { $0.instances[0].settings }
      let answer = try await browser.post("/instances/shop/settings", "revision=1&autoRestart=yes")
      #expect(answer.status == .seeOther)
      var expected = former
      expected.autoRestart = true
      #expect(hosting.state.withLock { $0.instances[0].settings } == expected)
    }
  }

  @Test func `servers beyond the plan are not added`() async throws {
    let hosting = try await hosting { $0.limits[.servers] = 0 }
    let server = try await hosting.servers(by: hosting.state.withLock { $0.people["owner@example.org"]! })
    #expect(!server.isEmpty)
    try await browse("owner", hosting) { browser in
      let page = try await browser.get("/servers").text
      #expect(page.contains("id=\"add-server\" aria-disabled=\"true\""))
      #expect(page.contains("allows 0 servers of your own"))
    }
  }
}
