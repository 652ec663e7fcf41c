import Client
import Hosting

extension API.Stray {
  init(_ stray: Stray) {
    self.init(
      id: stray.id, server: API.ServerReference(id: stray.server, name: stray.serverName),
      kind: stray.kind.rawValue, name: stray.name, thing: stray.thing, labels: stray.labels,
      firstSeen: stray.firstSeen)
    instance = stray.formerInstance
    lastSeen = stray.lastSeen
  }
}
