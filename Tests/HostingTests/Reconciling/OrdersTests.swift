import Foundation
import Odoo
import Testing

@testable import Docker
@testable import Hosting

@Suite struct OrdersTests {
  private let instance = UUID()

  private func orders(_ events: [(action: String, container: String)]) -> Orders {
    var orders = Orders()
    for event in events {
      orders.note(
        EngineEvent(
          kind: "container", action: event.action, id: event.container,
          attributes: [Label.instance: instance.uuidString], time: Date()))
    }
    return orders
  }

  @Test(arguments: [
    [("kill", "odoo"), ("die", "odoo"), ("stop", "odoo")],
    [("kill", "odoo"), ("die", "odoo"), ("destroy", "odoo")],
    [("die", "odoo"), ("stop", "odoo"), ("destroy", "odoo")],
    [("kill", "database"), ("die", "database"), ("stop", "database")],
  ])
  func `an order does not explain an end`(events: [(String, String)]) {
    #expect(orders(events).explain(instance))
    #expect(!orders(events).explain(UUID()))
  }

  @Test(arguments: [
    [("die", "odoo")],
    [("kill", "odoo"), ("die", "odoo")],
    // It runs again, and then ends by itself.
    [("kill", "odoo"), ("die", "odoo"), ("stop", "odoo"), ("start", "odoo")],
    [("die", "odoo"), ("stop", "odoo"), ("start", "odoo"), ("die", "odoo")],
    // With the server or its Docker.
    [("kill", "odoo"), ("kill", "database"), ("die", "database"), ("stop", "database")],
  ])
  func `an end counts as ordered that nobody ordered, or before all has ended that is about to`(
    events: [(String, String)]
  ) {
    #expect(!orders(events).explain(instance))
  }

  @Test func `an order makes haste with what is started again, or with another instance`() throws {
    let orders = orders([("die", "odoo"), ("stop", "odoo")])
    let mark = Finding.InstanceMark(id: instance, name: try Slug("shop"), status: .running)
    let other = Finding.InstanceMark(id: UUID(), name: try Slug("crm"), status: .running)
    #expect(orders.explain([.status(mark, .failed, .end(of: "odoo", with: 0)), .drift(mark, [])]))
    #expect(!orders.explain([.status(mark, .failed, .text("")), .startAgain(mark)]))
    #expect(!orders.explain([.status(mark, .failed, .text("")), .status(other, .failed, .text(""))]))
  }

  @Test func `orders about instances that are gone are kept for ever`() {
    var orders = orders([("die", "odoo"), ("stop", "odoo"), ("kill", "database")])
    orders.keep([])
    orders.note(
      EngineEvent(
        kind: "container", action: "stop", id: "odoo", attributes: [Label.instance: instance.uuidString],
        time: Date()))
    #expect(orders.explain(instance))
  }
}
