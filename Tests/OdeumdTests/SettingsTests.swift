import Foundation
import Testing

@testable import odeumd

@Suite struct SettingsTests {
  /// The manual's table, a row a setting.
  static let manual: [[String]] = {
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let file = here.appending(path: "../../docs/configuration.md")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { row in
      row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
        .map { $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "") }
    }
  }()

  @Test func `every setting stands in the manual with its default and what it does, and nothing else does`() {
    #expect(Self.manual.map { $0[0] } == Settings.manual.map(\.name))
    for (row, setting) in zip(Self.manual, Settings.manual) {
      #expect(row == [setting.name, setting.fallback, setting.about.replacing("`", with: "")])
    }
  }

  @Test func `the defaults are right values`() throws {
    let settings = Settings(environment: [:])
    _ = try settings.hosting()
    _ = try settings.web()
    #expect(try settings(Settings.workers) == 8)
    #expect(try settings.consoleURL().absoluteString == "http://127.0.0.1:8600")
  }

  @Test(arguments: [
    ("ODEUM_LISTEN", "8600"), ("ODEUM_LISTEN", "127.0.0.1:eighty"), ("ODEUM_WORKERS", "0"),
    ("ODEUM_WORKERS", "many"), ("PUBLIC_URL", "odeum.example.com"), ("ODEUM_TRUSTED_PROXIES", "10.0.0.0/33"),
    ("ODEUM_LOG_LEVEL", "loud"), ("ODEUM_LOG_FORMAT", "xml"), ("ODEUM_INSTANCES", "instances"),
    ("ODEUM_INSTANCES", "/srv/a b"), ("ODEUM_INSTANCES", "/"),
  ])
  func `a value that cannot be read is refused with its name and what it must look like`(
    name: String, text: String
  ) {
    let settings = Settings(environment: [name: text])
    let error = #expect(throws: BadSetting.self) {
      _ = try settings.hosting()
      _ = try settings.web()
      _ = try settings(Settings.workers)
      _ = try settings(Settings.logLevel)
      _ = try settings(Settings.logFormat)
    }
    #expect(error?.description.hasPrefix("\(name) is “\(text)”, but must be ") == true)
  }

  @Test(arguments: [
    ("PUBLIC_URL", ["ODEUM_MAIL_FROM": "odeum@example.org"]),
    ("ODEUM_MAIL_FROM", ["PUBLIC_URL": "https://odeum.example.org", "ODEUM_MAIL_FROM": "odeum"]),
    ("ODEUM_SMTP_URL", ["ODEUM_SMTP_URL": "smtp+insecure://u:planted@mail.example.org"]),
  ])
  func `mail that is set in part or wrongly is refused, and no password is shown`(
    name: String, others: [String: String]
  ) {
    let environment = ["ODEUM_SMTP_URL": "smtps://u:planted@mail.example.org"].merging(others) { $1 }
    let error = #expect(throws: BadSetting.self) { try Settings(environment: environment).hosting() }
    #expect(error?.name == name)
    #expect(error?.description.contains("planted") == false)
  }

  @Test func `a setting that is there and empty counts as not set`() throws {
    #expect(try Settings(environment: ["ODEUM_WORKERS": ""])(Settings.workers) == 8)
  }
}
