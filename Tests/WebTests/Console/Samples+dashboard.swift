import Foundation

@testable import Web

extension Sample {
  static let dashboards = [
    Sample(
      "dashboard", "Dashboard", path: "/", section: .dashboard, events: "/events",
      DashboardPage(
        create: create,
        tiles: [
          .init(
            label: "Instances", value: "14", href: "/instances", icon: "instance",
            parts: [
              .init(look: "failed", text: "1 failed", href: "/instances?status=failed"),
              .init(look: "running", text: "12 running", href: "/instances?status=running"),
              .init(look: "busy", text: "1 changing"),
            ]),
          .init(
            label: "Servers", value: "3", href: "/servers", icon: "server",
            parts: [.init(look: "stopped", text: "41.2 GB of memory free")]),
          .init(label: "Jobs under way", value: "2", icon: "jobs", parts: []),
        ],
        plan: .init(
          name: "Team",
          gauges: [ServersPage.Gauge("Instances", used: 14, total: 20) { "\($0) of \($1)" }].compactMap(
            \.self)
        ),
        attention: [
          .init(
            look: "bad", icon: "alert", title: "Backup of the control plane", href: nil,
            text:
              "There is no room for the backup in /mnt/nas/odeum. The last whole one was made 2 days ago.",
            since: moment(300)),
          .init(
            look: "bad", icon: "instance", title: "module-lab", href: "/instances/module-lab",
            text: "Odoo ended with status 1 while it loaded the module “stock_extra”.", since: moment(640)),
          .init(
            look: "warn", icon: "server", title: "rack-2", href: "/servers/rack-2",
            text: "Disk is nearly full: 236 GB of 250 GB used.", since: nil),
        ], attentionMore: "and 3 more",
        jobs: [
          JobRow(
            id: "1", href: "/jobs/1", title: "Create", subject: "demo",
            state: StateView(look: "busy", text: "Running"), who: "maria.lindqvist@example.org",
            created: moment(12))
        ])),
    Sample(
      "dashboard-empty", "Dashboard", path: "/", section: .dashboard, events: "/events",
      DashboardPage(welcome: true, create: create, tiles: [], attention: [], jobs: [])),
  ]
}
