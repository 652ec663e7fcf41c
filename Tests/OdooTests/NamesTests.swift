import Foundation
import Testing

@testable import Odoo

struct NamesTests {
  @Test(arguments: ["a", "0", "shop", "shop-test", "a--b", "x1-2", String(repeating: "a", count: 40)])
  func `a good slug is refused`(text: String) throws {
    #expect(try Slug(text).text == text)
  }

  @Test(arguments: [
    ("", "The name is empty.", nil),
    ("Shop", #"The name "Shop" has a capital letter: it becomes part of a host name."#, "shop"),
    ("my_shop", #"The name "my_shop" has an underscore, which a host name may not have."#, "my-shop"),
    ("a.b", #"The name "a.b" has a dot: it must be a single label of a host name."#, "a-b"),
    ("my shop", #"The name "my shop" has a space."#, "my-shop"),
    ("-a", #"The name "-a" starts with a hyphen."#, "a"),
    ("a-", #"The name "a-" ends with a hyphen."#, "a"),
    ("caf\u{E9}", #"The name "café" has the character "é", which is not allowed."#, "caf"),
    ("a\nb", #"The name "a\nb" has the character "\n", which is not allowed."#, "a-b"),
    (
      String(repeating: "a", count: 41), "The name is 41 characters long, and 40 is the most.",
      String(repeating: "a", count: 40)
    ),
    ("---", #"The name "---" starts with a hyphen."#, nil),
  ])
  func `a bad slug is accepted, or refused for the wrong reason`(
    text: String, message: String, proposal: String?
  ) {
    let problem = #expect(throws: InputProblem.self) { try Slug(text) }
    #expect(problem?.field == "name")
    #expect(problem?.message == message)
    if let proposal {
      #expect(problem?.suggestion == "For example: \(proposal).")
      #expect(throws: Never.self) { try Slug(proposal) }
    } else {
      #expect(problem?.suggestion.hasPrefix("Use 1 to 40") == true)
    }
  }

  @Test func `a proposal for a name is no name itself`() throws {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("aZ09-_. é\n\u{0}ß🙂".unicodeScalars)
    for _ in 0..<2_000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...50, using: &generator) { text.append(alphabet.randomElement()!) }
      if let proposal = Slug.proposal(from: String(text)) {
        #expect(throws: Never.self, "\(proposal)") { try Slug(proposal) }
      }
    }
  }

  @Test(arguments: [
    ("shop", "shop", "^shop$"), ("a", "a_db", "^a_db$"), ("postgres", "postgres_db", "^postgres_db$"),
    ("template1", "template1_db", "^template1_db$"), ("my-shop", "my-shop", "^my-shop$"),
  ])
  func `an instance gets a database name that Odoo or PostgreSQL refuses`(
    slug: String, name: String, filter: String
  ) throws {
    let database = DatabaseName(try Slug(slug))
    #expect(database.text == name)
    #expect(database.exactFilter == filter)
    #expect(try DatabaseName(database.text) == database)
  }

  @Test(arguments: ["x", "", "_x", "-x", "a.b", "a b", "a\"b", "a;b", "a\n", "template0", "näme"])
  func `a database name that Odoo refuses is accepted`(text: String) {
    let problem = #expect(throws: InputProblem.self) { try DatabaseName(text) }
    #expect(problem?.field == "database")
  }

  @Test func `a database name that PostgreSQL would cut is accepted`() {
    #expect(throws: Never.self) { try DatabaseName(String(repeating: "a", count: 63)) }
    #expect(throws: InputProblem.self) { try DatabaseName(String(repeating: "a", count: 64)) }
  }

  @Test func `Odoo would connect as a role that it or PostgreSQL refuses`() throws {
    for text in ["postgres", "public", "none", "pg_monitor", "", "A", "a b", "a'b", "-a"] {
      #expect(throws: InputProblem.self, "\(text)") { try RoleName(text) }
    }
    for slug in ["postgres", "public", "none"] {
      #expect(RoleName(try Slug(slug)).text == slug + "_db")
    }
    #expect(RoleName(try Slug("shop")).text == "shop")
  }

  @Test(arguments: ["base", "sale_management", "l10n_be", "_x", "Web2"])
  func `a good module name is refused`(text: String) throws {
    #expect(try ModuleName(text).text == text)
  }

  @Test(arguments: ["", "all", "2x", "sale-management", "a.b", "a b", "../x", "säle", "a\n", "--stop"])
  func `a bad module name is accepted`(text: String) {
    let problem = #expect(throws: InputProblem.self) { try ModuleName(text) }
    #expect(problem?.suggestion.contains("sale_management") == true)
  }

  @Test func `a list of modules loses its order or keeps a module twice`() throws {
    #expect(try ModuleName.list("stock, crm\nstock;sale\t").map(\.text) == ["stock", "crm", "sale"])
    let problems = #expect(throws: InvalidInput.self) { try ModuleName.list("ok, not-ok, 3x") }?.problems
    #expect(problems?.map(\.message).count == 2)
  }

  @Test(arguments: ["en_US", "fr_FR", "kab_DZ", "es_419", "sr@latin", "sw", "ar_001"])
  func `a language of Odoo is refused`(text: String) throws {
    #expect(try LanguageCode(text).text == text)
  }

  @Test func `a wrong language is accepted, or the right ones are not named`() {
    for text in ["", "xx_XX", "en-US", "EN_us", "fr_FR,de_DE", "fr_FR\n", "'; --"] {
      #expect(throws: InputProblem.self, "\(text)") { try LanguageCode(text) }
    }
    let problem = #expect(throws: InputProblem.self) { try LanguageCode("fr") }
    #expect(problem?.suggestion == "Did you mean fr_BE, fr_CA, fr_CH, fr_FR?")
  }

  @Test func `a language that a version lacks is let through`() throws {
    #expect(try LanguageCode("es_419").problem(in: .v14) != nil)
    #expect(try LanguageCode("es_419").problem(in: .v19) == nil)
    #expect(
      try LanguageCode("sr_RS").problem(in: .v19)?.message == "Odoo 19.0 does not have the language sr_RS.")
    for version in OdooVersion.allCases { #expect(LanguageCode.english.problem(in: version) == nil) }
  }

  @Test func `a country is wrong`() throws {
    #expect(CountryCode.all.count == 250)
    #expect(Set(CountryCode.all).count == 250)
    #expect(CountryCode.all == CountryCode.all.sorted())
    #expect(try CountryCode("be").text == "BE")
    for text in ["", "B", "BEL", "ZZ", "B'"] { #expect(throws: InputProblem.self) { try CountryCode(text) } }
    let problem = #expect(throws: InputProblem.self) { try CountryCode("UK") }
    #expect(problem?.suggestion == "The code of the United Kingdom is GB.")
  }

  @Test func `an edition is wrong`() throws {
    #expect(try Edition.parse("Enterprise") == .enterprise)
    #expect(Edition.enterprise.needsSource && !Edition.community.needsSource)
    #expect(throws: InputProblem.self) { try Edition.parse("pro") }
  }

  @Test func `names decode without being checked`() throws {
    let decoder = JSONDecoder()
    #expect(try decoder.decode([Slug].self, from: Data(#"["shop"]"#.utf8)).first?.text == "shop")
    #expect(throws: InputProblem.self) { try decoder.decode([Slug].self, from: Data(#"["Shop"]"#.utf8)) }
    #expect(throws: InputProblem.self) {
      try decoder.decode([DatabaseName].self, from: Data(#"["x y"]"#.utf8))
    }
    #expect(throws: InputProblem.self) { try decoder.decode([ModuleName].self, from: Data(#"["a-b"]"#.utf8)) }
    #expect(throws: InputProblem.self) { try decoder.decode([CountryCode].self, from: Data(#"["ZZ"]"#.utf8)) }
    #expect(throws: InputProblem.self) {
      try decoder.decode([LanguageCode].self, from: Data(#"["zz"]"#.utf8))
    }
    #expect(String(decoding: try JSONEncoder().encode([try Slug("a-b")]), as: UTF8.self) == #"["a-b"]"#)
  }
}
