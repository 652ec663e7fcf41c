import Client
import Foundation
import Testing

@testable import odeum

@Suite struct TableTests {
  private var table: Table {
    var table = Table(head: ["NAME", "STATUS", ""])
    table.rows = [["shop", "running", ""], ["a-long-name", "failed", "Odoo does not start"]]
    return table
  }

  @Test func `columns stand below each other, with nothing behind the last`() {
    #expect(
      table.lines(width: nil, .plain) == [
        "NAME         STATUS", "shop         running", "a-long-name  failed   Odoo does not start",
      ])
  }

  @Test func `a table is no wider than the terminal`() {
    let lines = table.lines(width: 30, .plain)
    #expect(lines.map(Columns.count).max() == 30)
    #expect(lines[2] == "a-long-name  failed   Odoo do~")
  }

  @Test func `colours do not move columns`() {
    let style = Style(hasColour: true, isUnicode: true)
    var coloured = Table(head: ["A", "B"])
    coloured.rows = [[style.state("running"), "x"], [style.state("removing"), "y"]]
    let lines = coloured.lines(width: nil, style)
    #expect(Columns.count(lines[1]) == Columns.count(lines[2]))
  }

  @Test func `facts leave out what is not known`() {
    var facts = Facts()
    facts.add("Odoo", "19.0")
    facts.add("Docker", nil)
    facts.add("Long name", "x")
    #expect(facts.lines(.plain) == ["  Odoo       19.0", "  Long name  x"])
  }

  @Test func `an instance that is not well says why`() {
    let now = Date(timeIntervalSince1970: 1_000_000)
    func summary(_ name: String, _ status: String) -> API.InstanceSummary {
      API.InstanceSummary(
        id: UUID(), name: name, version: "19.0", edition: "community", stage: "dev", status: status,
        statusReason: "Because.", statusSince: now, activeJob: nil,
        server: API.ServerReference(id: UUID(), name: "local"), url: "http://127.0.0.1:10000",
        createdAt: now.addingTimeInterval(-7200))
    }
    let lines = ListInstances.table([summary("a", "running"), summary("b", "failed")], .plain, now: now)
      .lines(width: nil, .plain)
    #expect(lines[1] == "a     * running  dev    19.0  local   http://127.0.0.1:10000  2 h")
    #expect(lines[2].hasSuffix("2 h  Because."))
  }
}
