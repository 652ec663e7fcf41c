import Foundation
import Testing

@testable import Odoo

struct IdentityTests {
  @Test(arguments: [
    ([] as [UInt8], ""), ([0], "AA"), ([0xFF, 0xFF], "//8"), ([0xFB, 0xEF, 0xBE], "...."),
    (Array("foobar".utf8), "Zm9vYmFy"), (Array("fooba".utf8), "Zm9vYmE"), (Array("foob".utf8), "Zm9vYg"),
  ])
  func `passlib would not read the encoding`(bytes: [UInt8], text: String) {
    #expect(PasslibHash.ab64(bytes) == text)
  }

  @Test func `the encoding differs from base64 with a dot and without padding`() {
    for length in 0..<100 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
      let expected = Data(bytes).base64EncodedString().replacing("+", with: ".").replacing("=", with: "")
      #expect(PasslibHash.ab64(bytes) == expected)
    }
  }

  @Test func `a hash is rendered otherwise than passlib does`() {
    let hash = PasslibHash(password: "pässword", salt: Array("0123456789abcdef".utf8), rounds: 25_000) {
      password, salt, rounds, length in
      #expect(password == Array("pässword".utf8))
      #expect(salt.count == PasslibHash.saltLength)
      #expect(rounds == 25_000 && length == 64)
      return Array(repeating: 0xFB, count: length)
    }
    #expect(
      hash.text == "$pbkdf2-sha512$25000$MDEyMzQ1Njc4OWFiY2RlZg$"
        + String(repeating: "./v7", count: 21) + ".w")
  }

  @Test(arguments: zip(OdooVersion.allCases, [25_000, 25_000, 600_000, 600_000, 600_000, 600_000]))
  func `a version hashes with other rounds`(version: OdooVersion, rounds: Int) {
    #expect(version.passwordRounds == rounds)
  }

  @Test func `an identity is not new`() {
    let first = DatabaseIdentity()
    let second = DatabaseIdentity()
    #expect(Set([first.uuid, first.secret, second.uuid, second.secret]).count == 4)
    #expect(first.uuid == first.uuid.lowercased() && UUID(uuidString: first.uuid) != nil)
  }

  @Test func `a value stands in the text of a statement`() throws {
    let identity = DatabaseIdentity(
      baseURL: "https://shop.example.com", adminLogin: "o'brien",
      adminPassword: PasslibHash(rounds: 1, salt: [1], key: [2]))
    let script = identity.script(for: try DatabaseName("my-shop"))
    #expect(script.target == .database(try DatabaseName("my-shop")))
    for value in [identity.uuid, identity.secret, "https://shop", "o'brien", "$pbkdf2"] {
      #expect(!script.text.contains(value))
      #expect(!script.arguments.contains { $0.contains(value) })
    }
    #expect(
      script.variables.map(\.name) == [
        "uuid", "secret", "base_url", "base_url_freeze", "admin_login", "admin_password",
      ])
    #expect(script.standardInput.hasPrefix("\\set uuid '\(identity.uuid)'\n\\set secret '"))
    #expect(script.standardInput.contains("\\set admin_login 'o''brien'\n"))
    #expect(script.standardInput.contains("\\set admin_password '$pbkdf2-sha512$1$AQ$Ag'\n"))
    #expect(!"\(script.variables)".contains(identity.secret) && !"\(script.variables)".contains("pbkdf2"))
    // Every variable is used, and every one that is used is set.
    for name in script.variables.map(\.name) { #expect(script.text.contains(":'\(name)'")) }
    #expect(script.text.components(separatedBy: ":'").count - 1 == 2 * 4 + 2)
    #expect(script.text.hasPrefix("BEGIN;\n") && script.text.hasSuffix("COMMIT;\n"))
  }

  @Test func `what is not asked for is changed`() throws {
    let script = DatabaseIdentity(dropsSubscription: false).script(for: try DatabaseName("shop"))
    for part in ["web.base.url", "SET login", "SET password", "DELETE"] {
      #expect(!script.text.contains(part))
    }
    #expect(
      DatabaseIdentity().script(for: try DatabaseName("shop")).text.contains("database.enterprise_code"))
  }

  @Test(arguments: [
    ("plain", "'plain'"), ("it's", "'it''s'"), (#"a\b"#, #"'a\\b'"#), ("a\nb\r", #"'a\nb\r'"#), ("", "''"),
    (":name `date` :'x'", "':name `date` :''x'''"),
  ])
  func `psql would read another value`(value: String, literal: String) {
    #expect(SQLScript.psqlLiteral(value) == literal)
  }

  @Test func `making or adopting a database writes names without quotes, or fails the second time`() throws {
    let new = NewDatabase(
      name: try DatabaseName("my-shop"), owner: try RoleName("my-shop"), password: ConfSecret(#"p'\"#))
    let scripts = [
      new.roleScript, new.createScript, new.extensionScript(unaccent: true),
      new.adoptScript(from: try DatabaseName("prep"), owner: try RoleName("prep")),
    ]
    for script in scripts {
      #expect(!script.text.contains("my-shop") && !script.text.contains("prep"))
      for variable in script.variables {
        #expect(
          script.text.contains(":'\(variable.name)'") || script.text.contains(":\"\(variable.name)\""),
          "\(variable.name)")
      }
    }
    #expect(scripts.map(\.target.name) == ["postgres", "postgres", "my-shop", "postgres"])
    #expect(new.roleScript.standardInput.contains(#"\set password 'p''\\'"#))
    #expect(new.roleScript.text.contains("NOSUPERUSER NOCREATEROLE NOCREATEDB"))
    var manager = new
    manager.mayCreateDatabases = true
    #expect(manager.roleScript.text.contains(" CREATEDB"))
    #expect(!new.extensionScript().text.contains("unaccent"))
    #expect(scripts[1].text.contains("WHERE NOT EXISTS (SELECT FROM pg_database"))
    #expect(scripts[3].text.components(separatedBy: "\\gexec").count == 3)
  }
}
