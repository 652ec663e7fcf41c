import Client
import Testing

@testable import odeum

@Suite struct SettingsPreviewTests {
  private func settings(_ change: (inout API.InstanceSettings) -> Void = { _ in }) -> API.InstanceSettings {
    var settings = API.InstanceSettings(workers: 2, cronThreads: 1, odooConf: "a = 1\n")
    change(&settings)
    return settings
  }

  @Test func `what differs is told with what it was`() {
    let lines = InstanceSettings.changes(
      from: settings(),
      to: settings {
        $0.workers = 4
        $0.odooConf = "a = 2\n"
        $0.packages = .init(odoo: ["libcups2"])
      })
    #expect(
      lines.map { $0.split(separator: " ").joined(separator: " ") } == [
        "Workers 2 -> 4", "Text of odoo.conf as it is -> as given", "Packages none -> libcups2",
      ])
  }

  @Test func `where nothing differs nothing is told`() {
    #expect(InstanceSettings.changes(from: settings(), to: settings()).isEmpty)
  }
}
