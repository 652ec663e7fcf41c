import Foundation
import Odoo
import Testing

@testable import Hosting

@Suite struct PackagesTests {
  private func checked(_ edit: (inout SettingsChange) -> Void) throws -> InstanceSettings {
    var change = SettingsChange()
    edit(&change)
    return try change.checked(
      onto: InstanceSettings(defaultsOf: .dev), version: .v19, stage: .dev, cores: 2
    ).settings
  }

  @Test func `lists are sorted and have each name once, so that equal wishes make equal images`() throws {
    let settings = try checked { $0.debianPackages = ["libpq-dev", "g++", "libpq-dev"] }
    #expect(settings.packages.odoo == ["g++", "libpq-dev"])
  }

  @Test(arguments: [
    "-oAPT::Update::Pre-Invoke=id", "curl;id", "curl id", "$(id)", "../x", "x'", "Curl", "", "a\nb", "é",
  ])
  func `what apt could read as anything but a name is refused`(name: String) {
    #expect(throws: HostingError.self) { try checked { $0.debianPackages = [name] } }
    #expect(throws: HostingError.self) { try checked { $0.databasePackages = [name] } }
  }

  @Test(arguments: [
    "--index-url=http://x", "-r/etc/passwd", "git+https://x/y", "x @ file:///etc", "x;id", "x'", "./x", "",
  ])
  func `what pip could read as anything but a requirement is refused`(name: String) {
    #expect(throws: HostingError.self) { try checked { $0.pythonPackages = [name] } }
  }

  @Test(arguments: ["phonenumbers", "openpyxl==3.1.5", "requests[socks]>=2.31,<3", "zope.interface~=6.0"])
  func `requirements with versions and extras are taken`(name: String) throws {
    let settings = try checked { $0.pythonPackages = [name] }
    #expect(settings.packages.python == [name])
  }

  @Test(arguments: [
    ("port = 5433", "Line 1"), ("work_mem = 4MB\nwork_mem 8MB", "Line 2"),
    ("archive_command = 'curl x'", "set by Odeum"), ("include = 'x.conf'", "not included"),
    ("nonsense", "no setting"),
  ])
  func `lines for postgresql conf are refused with their line and the reason`(text: String, said: String) {
    let error = #expect(throws: HostingError.self) { try checked { $0.postgresConf = text } }
    #expect(error?.fields.first?.name == "postgres.conf")
    #expect(error?.fields.first?.message.contains(said) == true)
  }

  @Test func `lines for postgresql conf are read as PostgreSQL reads them`() throws {
    let conf = try PostgresConf(
      "# a remark\nwork_mem = 16MB # and why\nshared_buffers 256MB\nlog_line_prefix = '%m [%p] '\n",
      field: "x")
    #expect(conf.settings.map(\.name) == ["work_mem", "shared_buffers", "log_line_prefix"])
    #expect(conf.settings.map(\.value) == ["16MB", "256MB", "%m [%p] "])
  }

  @Test func `packages and postgresql conf wait for a hard restart, extensions for a soft one`() throws {
    let applied = InstanceSettings(defaultsOf: .dev)
    let packages = try checked { $0.pythonPackages = ["x2"] }
    #expect(packages.restart(from: applied) == .hard)
    let conf = try checked { $0.postgresConf = "work_mem = 8MB" }
    #expect(conf.restart(from: applied) == .hard)
    let extensions = try checked { $0.extensions = ["unaccent"] }
    #expect(extensions.restart(from: applied) == .soft)
  }

  @Test func `settings that were saved before there were packages are still read`() throws {
    var json = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(InstanceSettings(defaultsOf: .dev)))
        as? [String: any Sendable])
    json["packages"] = nil
    json["postgres"] = nil
    let data = try JSONSerialization.data(withJSONObject: json)
    let settings = try JSONDecoder().decode(InstanceSettings.self, from: data)
    #expect(settings == InstanceSettings(defaultsOf: .dev))
  }

  @Test func `the image is named by everything that goes into it`() {
    let recipe = PackageRecipe(base: "sha256:aa", debian: ["curl"], python: [])
    #expect(recipe.tag == PackageRecipe(base: "sha256:aa", debian: ["curl"], python: []).tag)
    for other in [
      PackageRecipe(base: "sha256:bb", debian: ["curl"], python: []),
      PackageRecipe(base: "sha256:aa", debian: [], python: ["curl"]),
      PackageRecipe(base: "sha256:aa", debian: ["curl", "git"], python: []),
    ] { #expect(other.tag != recipe.tag) }
  }

  @Test func `the Dockerfile installs as root, goes back to the image's user, and quotes every name`() {
    let recipe = PackageRecipe(base: "sha256:aa", debian: ["curl"], python: ["openpyxl>=3,<4"])
    let lines = recipe.dockerfile(user: "odoo", labels: ["odeum.role": "packages", "a": "b"])
      .split(separator: "\n")
    #expect(lines.first == "FROM sha256:aa" && lines.last == "USER odoo")
    #expect(lines[1] == #"LABEL "a"="b" "odeum.role"="packages""#, "whatever a build leaves is ours")
    #expect(lines.contains { $0.contains("install --yes --no-install-recommends -- 'curl'") })
    #expect(lines.contains { $0.hasSuffix("-- 'openpyxl>=3,<4'") })
  }

  @Test(arguments: [
    ("E: Unable to locate package nonsense-x", "packages.odoo", "nonsense-x"),
    ("E: Package 'old-y' has no installation candidate", "packages.odoo", "old-y"),
    ("ERROR: No matching distribution found for nope==9", "packages.python", "nope==9"),
  ])
  func `a package that does not exist is named`(line: String, field: String, name: String) {
    let error = PackageRecipe(base: "x", debian: [], python: []).failure(
      said: ["Reading package lists...", line, "The command returned 100"], message: "returned 100",
      on: "local",
      fields: ("packages.odoo", "packages.python"))
    #expect(error.code == .invalid && error.fields.first?.name == field)
    #expect(error.message.contains("“\(name)”"))
  }
}
