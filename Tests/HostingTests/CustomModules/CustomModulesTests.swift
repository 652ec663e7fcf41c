import Foundation
import Remote
import Testing

@testable import Hosting

/// A real Odoo with a module from a real repository.
@Suite(.serialized) struct CustomModulesTests {
  @Test(arguments: ["19.0", "14.0"])
  func `Odoo does not see a custom module, or a soft restart does not take its new code`(version: String)
    async throws
  {
    try await GitServer.serving { git in
      var configuration = HostingConfiguration()
      configuration.instancesFolder = "\(git.folder)/instances"
      try await withHosting(configuration: configuration) { hosting in
        try await withWorker(hosting) {
          let actor = try await hosting.person(Hosting.firstEmail)
          try await git.commit(probe(called: "Probe one"), of: "shop", "Probe one")
          var wish = NewInstance(name: "t" + UUID().uuidString.prefix(8).lowercased())
          wish.stage = "dev"
          wish.basePort = 15_100
          wish.version = version
          wish.settings.customModules = [.init(repository: try git.address("shop").text, branch: "main")]
          let created = try await hosting.createInstance(wish, idempotencyKey: nil, by: actor)
          #expect(try await end(of: created.operation, hosting, actor) == .succeeded)
          let password = try #require(created.adminPassword)
          var instance = try await hosting.instance(wish.name, by: actor)
          #expect(instance.pendingRestart == .none)
          #expect(try await title(in: instance, password) == "Probe one")
          let runtime = await hosting.fleet.looking(at: instance.server)
          let container = try await runtime.engine.container("odeum-\(wish.name)")?.id
          let folder = runtime.folder(of: instance.id)
          let first = try FileManager.default.contentsOfDirectory(atPath: folder.modules)
          #expect(first.count == 1)

          try await git.commit(probe(called: "Probe two"), of: "shop", "Probe two")
          let soft = try await hosting.restartInstance(wish.name, mode: .soft, by: actor)
          #expect(try await end(of: soft, hosting, actor) == .succeeded)
          #expect(try await title(in: instance, password) == "Probe two")
          #expect(try await runtime.engine.container("odeum-\(wish.name)")?.id == container)
          let second = try FileManager.default.contentsOfDirectory(atPath: folder.modules)
          #expect(second.count == 1, "old code is left behind")
          #expect(second != first)

          var change = SettingsChange()
          change.customModules = [.init(repository: "http://127.0.0.1:1/gone.git", branch: nil)]
          _ = try await hosting.changeSettings(of: wish.name, change, by: actor)
          let bad = try await hosting.restartInstance(wish.name, mode: .soft, by: actor)
          _ = try await hosting.cancelOperation(bad.id, by: actor)
          _ = try await end(of: bad, hosting, actor)
          #expect(
            try await title(in: instance, password) == "Probe two",
            "Odoo was stopped for code that is not there")

          change.customModules = []
          _ = try await hosting.changeSettings(of: wish.name, change, by: actor)
          instance = try await hosting.instance(wish.name, by: actor)
          #expect(instance.pendingRestart == .hard)
          let hard = try await hosting.restartInstance(wish.name, mode: .hard, by: actor)
          #expect(try await end(of: hard, hosting, actor) == .succeeded)
          #expect(try FileManager.default.contentsOfDirectory(atPath: folder.modules).isEmpty)
          let mounts = try await runtime.engine.container("odeum-\(wish.name)")?.mounts
          #expect(mounts?.contains { $0.target == InstancePlan.modulesFolder } == false)

          let remove = try await hosting.removeInstance(wish.name, by: actor)
          #expect(try await end(of: remove, hosting, actor) == .succeeded)
          #expect(try await runtime.remains(of: instance.id).isEmpty)
          #expect(!FileManager.default.fileExists(atPath: folder.path))
        }
      }
    }
  }

  @Test func `a wrong address is found out only after a database was made, or leaves something behind`()
    async throws
  {
    try await GitServer.serving { git in
      var configuration = HostingConfiguration()
      configuration.instancesFolder = "\(git.folder)/instances"
      try await withHosting(configuration: configuration) { hosting in
        try await withWorker(hosting) {
          let actor = try await hosting.person(Hosting.firstEmail)
          var wish = NewInstance(name: "t" + UUID().uuidString.prefix(8).lowercased())
          wish.stage = "dev"
          wish.basePort = 15_100
          wish.settings.customModules = [.init(repository: try git.address("nothing").text, branch: nil)]
          let created = try await hosting.createInstance(wish, idempotencyKey: nil, by: actor)
          #expect(try await end(of: created.operation, hosting, actor) == .failed)
          let failed = try await hosting.instance(wish.name, by: actor)
          #expect(failed.status == .failed)
          #expect(failed.statusReason.contains("There is no repository at http://127.0.0.1"))
          let steps = try await hosting.operation(created.operation.id, by: actor).steps
          #expect(steps.filter { $0.state == .failed }.map(\.name) == ["Fetch custom modules"])
          let remove = try await hosting.removeInstance(wish.name, by: actor)
          #expect(try await end(of: remove, hosting, actor) == .succeeded)
          let runtime = await hosting.fleet.looking(at: failed.server)
          #expect(try await runtime.remains(of: failed.id).isEmpty)
        }
      }
    }
  }

  private func probe(called name: String) -> [String: String] {
    [
      "addons/odeum_probe/__init__.py": "",
      "addons/odeum_probe/__manifest__.py": "{'name': '\(name)', 'version': '1.0', 'license': 'LGPL-3'}",
    ]
  }

  /// The probe's title as Odoo tells it over XML-RPC after looking at its folders of modules.
  private func title(in instance: Instance, _ password: Secret) async throws -> String {
    let program = """
      import sys, xmlrpc.client
      url, database, password = sys.argv[1], sys.argv[2], sys.stdin.read()
      user = xmlrpc.client.ServerProxy(url + "/xmlrpc/2/common").authenticate(database, "admin", password, {})
      models = xmlrpc.client.ServerProxy(url + "/xmlrpc/2/object")
      call = lambda *words: models.execute_kw(database, user, password, "ir.module.module", *words)
      call("update_list", [])
      print([row["shortdesc"] for row in call("search_read", [[["name", "=", "odeum_probe"]], ["shortdesc"]])][0])
      """
    let command = Command(
      "python3", "-c", Word(program), Word(instance.url), Word(instance.database.text),
      input: Array(password.reveal().utf8))
    return try await LocalHost().text(of: command, deadline: .seconds(60)).trimmingCharacters(in: .newlines)
  }
}
