import Foundation

@testable import Hosting
@testable import Web

extension Sample {
  static let servers: [Sample] = [
    Sample(
      "servers-three", "Servers", path: "/servers", section: .servers, events: "/events",
      ServersPage(
        servers: [server].map { ServersPage.Card($0) },
        add: ActionView(
          id: "add-server", label: "Add server", icon: "plus", style: "primary", href: "/servers/new"),
        strays: strays)),
    Sample(
      "server", "web1", path: "/servers/web1", section: .servers, events: "/events",
      ServerPage(
        name: "web1", kind: "admin@web1.example.com", state: StateView(look: "failed", text: "Not available"),
        mode: "Maintenance", reason: "web1 does not answer. Nothing listens for SSH there.", trouble: true,
        actions: [
          ActionView(
            id: "validate", label: "Validate", icon: "check", href: "/servers/web1/validate", post: true),
          ActionView(
            id: "remove", label: "Remove", icon: "trash", style: "danger", href: "/servers/web1/remove",
            refused: "A job is under way."),
        ], work: .init(title: "Validate is under way", href: "/jobs/1"),
        waitingKey: .init(
          file: "~admin/.ssh/authorized_keys",
          copy: CopyView(text: "ssh-ed25519 AAAA odeum web1", what: "the public key")), gauges: server.gauges,
        machine: [FactView(label: "System", value: "Debian GNU/Linux 12", more: "x86_64")],
        access: [FactView(label: "Host key", value: PlayedHosting.hostKey.fingerprint, mono: true)],
        note: "Rack 4, <b>left</b>.",
        instances: [
          .init(
            name: "shop", href: "/instances/shop", stage: "production", stageText: "Production",
            state: StateView(look: "running", text: "Running"))
        ], others: "and 2 more", strays: strays, jobs: [])),
    Sample(
      "new-server", "Add server", path: "/servers/new", section: .servers, narrow: true,
      NewServerPage(
        FormState(
          form: Form(["name": "web1", "address": "$(reboot)"]),
          error: HostingError.invalid([.init("address", "That cannot be the address of a server.")])))),
    Sample(
      "new-server-key", "Add server", path: "/servers/new", section: .servers, narrow: true,
      NewServerKeyPage(
        FormState(form: Form(["name": "web1", "address": "web1.example.com", "user": "root"])),
        key: PlayedHosting.hostKey, port: 22)),
    Sample(
      "edit-server", "Edit web1", path: "/servers/web1/edit", section: .servers, narrow: true,
      EditServerPage(server, FormState())),
  ]

  private static let strays: StraysView? = {
    var view = StraysView(PlayedHosting.sampleStrays(on: server))
    view?.rows[0].first = moment(86_400 * 3)
    return view
  }()

  private static let server: Server = {
    var facts = ServerFacts()
    facts.os = "Debian GNU/Linux 12"
    facts.cores = 8
    facts.loadOne = 3.4
    facts.memoryMB = 24_000
    facts.memoryAvailableMB = 6_400
    facts.diskMB = 250_000
    facts.diskFreeMB = 19_000
    return Server(
      id: UUID(), name: "web1", kind: .ssh, organisationID: UUID(), sharedWith: [],
      address: "web1.example.com",
      access: ServerAccess(
        port: 2222, user: "admin", hostKeys: [PlayedHosting.hostKey], publicKey: "ssh-ed25519 AAAA odeum web1"
      ),
      exposed: false, mode: .draining, stagePolicy: .warn, note: "Rack 4", status: .unavailable,
      statusReason: "Nothing listens for SSH there.", facts: facts, load: ServerLoad())
  }()
}
