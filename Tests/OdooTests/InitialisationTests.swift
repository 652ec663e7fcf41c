import Testing

@testable import Odoo

struct InitialisationTests {
  private static let once = [
    "--stop-after-init", "--no-http", "--workers=0", "--max-cron-threads=0", "--limit-memory-soft=0",
    "--limit-memory-hard=0",
  ]

  private func modules(_ text: String) throws -> [ModuleName] { try ModuleName.list(text) }

  @Test(arguments: OdooVersion.allCases) func `a database without a country takes more than one run`(
    version: OdooVersion
  ) throws {
    let plan = Initialisation(
      version: version, database: try DatabaseName("shop"), modules: try modules("stock base crm stock"))
    #expect(plan.runs.count == 1)
    #expect(
      plan.runs[0].arguments == ["-d", "shop", "-i", "base,stock,crm"]
        + [version == .v19 ? "--without-demo=True" : "--without-demo=all"] + Self.once)
    #expect(plan.runs[0].standardInput == nil)
    #expect(plan.runs[0].title == "Initialise the database")
  }

  @Test(arguments: OdooVersion.allCases) func `demonstration data is asked for in another version's words`(
    version: OdooVersion
  ) throws {
    let plan = Initialisation(version: version, database: try DatabaseName("shop"), demoData: true)
    #expect(
      plan.runs.map(\.arguments) == [
        ["-d", "shop", "-i", "base"] + [version == .v19 ? "--with-demo" : "--without-demo="] + Self.once
      ])
  }

  @Test func `a language takes another run, or is not loaded`() throws {
    let plan = Initialisation(
      version: .v18, database: try DatabaseName("shop"), modules: try modules("crm"),
      language: try LanguageCode("sr@latin"))
    #expect(
      plan.runs.map(\.arguments) == [
        ["-d", "shop", "-i", "base,crm", "--load-language=sr@latin", "--without-demo=all"] + Self.once
      ])
  }

  @Test(arguments: OdooVersion.allCases) func `modules are installed before the country is known`(
    version: OdooVersion
  ) throws {
    let plan = Initialisation(
      version: version, database: try DatabaseName("shop"), modules: try modules("account"),
      language: try LanguageCode("fr_BE"), country: try CountryCode("BE"))
    let demo = version == .v19 ? "--without-demo=True" : "--without-demo=all"
    #expect(
      plan.runs.map(\.arguments) == [
        ["-d", "shop", "-i", "base", "--load-language=fr_BE", demo] + Self.once,
        ["shell", "-d", "shop"] + Self.once.dropFirst(),
        ["-d", "shop", "-i", "account", demo] + Self.once,
      ])
    #expect(plan.runs.map { $0.standardInput != nil } == [false, true, false])
    #expect(plan.runs[1].standardInput?.contains("code = \"BE\"\n") == true)
    let bare = Initialisation(
      version: version, database: try DatabaseName("shop"), country: try CountryCode("BE"))
    #expect(bare.runs.count == 2)
  }

  @Test func `the script for the country is not Python`() throws {
    for code in CountryCode.all {
      let script = CompanyScript(country: try CountryCode(code)).text
      #expect(script.filter { $0 == "\"" }.count % 2 == 0)
      #expect(script.hasSuffix("flush=True)\n"))
    }
    #expect(
      try PythonParserTests.compiles(CompanyScript(country: CountryCode("BE")).text))
  }

  @Test func `the script's end is not waited for`() throws {
    let run = Initialisation(
      version: .v19, database: try DatabaseName("shop"), country: try CountryCode("BE")
    ).runs[1]
    let log = "2026-11-21 03:35:55,354 1 INFO ? odoo: Odoo version 19.0\n"
    #expect(run.outcome(output: log + "\nodeum: company is set up\n", exitCode: 0) == .success)
    guard case .failure(let reason) = run.outcome(output: log, exitCode: 0) else {
      Issue.record("not a failure")
      return
    }
    #expect(reason.message == "Set the country ended before it was done.")
    guard case .failure = run.outcome(output: log + "odeum: company is set up\n", exitCode: 1) else {
      Issue.record("not a failure")
      return
    }
  }

  @Test func `databases with other contents share a key`() throws {
    let name = try DatabaseName("shop")
    func key(_ change: (inout Initialisation) throws -> Void) rethrows -> String {
      var plan = Initialisation(version: .v19, database: name)
      try change(&plan)
      return plan.contentKey
    }
    let plain = key { _ in }
    #expect(plain == "19.0/en_US/-/plain/")
    #expect(try key { $0.modules = try modules("base") } == plain)
    #expect(try key { $0.database = try DatabaseName("other") } == plain)
    let others = [
      try key { $0.modules = try modules("crm stock") }, key { $0.version = .v18 },
      key { $0.demoData = true },
      try key { $0.language = try LanguageCode("fr_FR") }, try key { $0.country = try CountryCode("FR") },
    ]
    #expect(Set(others + [plain]).count == 6)
    #expect(try key { $0.modules = try modules("stock crm crm base") } == others[0])
  }

  @Test func `a language of another version is not refused beforehand`() throws {
    let plan = Initialisation(
      version: .v14, database: try DatabaseName("shop"), language: try LanguageCode("es_419"))
    #expect(plan.problems.map(\.field) == ["language"])
    #expect(Initialisation(version: .v19, database: try DatabaseName("shop")).problems.isEmpty)
  }

  @Test func `an update runs with workers, or without anything to do`() throws {
    let name = try DatabaseName("shop")
    #expect(ModuleUpdate(database: name).run == nil)
    #expect(
      ModuleUpdate(database: name, update: try modules("sale,crm"), install: try modules("stock")).run?
        .arguments
        == ["-d", "shop", "-u", "sale,crm", "-i", "stock"] + Self.once)
  }
}
