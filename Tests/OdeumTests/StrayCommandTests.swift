import Client
import Foundation
import Testing

@testable import odeum

@Suite struct StrayCommandTests {
  private let now = Date(timeIntervalSince1970: 1_000_000)

  private func stray(_ id: String, _ kind: String, _ name: String, of instance: String? = nil) throws
    -> API.Stray
  {
    var stray = API.Stray(
      id: try #require(UUID(uuidString: id)), server: .init(id: UUID(), name: "web1"), kind: kind, name: name,
      thing: name, labels: [:], firstSeen: now.addingTimeInterval(-7200))
    stray.instance = instance
    stray.lastSeen = now
    return stray
  }

  private var strays: [API.Stray] {
    get throws {
      [
        try stray("0B0E5B1C-7D9B-4B3B-9A55-6D0A3E1F8A11", "volume", "odeum-lost-data", of: "lost"),
        try stray("0B0E5B1C-8D9B-4B3B-9A55-6D0A3E1F8A11", "folder", "/srv/x\u{1B}[2J"),
      ]
    }
  }

  @Test func `the list does not tell strays apart by their ids, or lets a name command the terminal`() throws
  {
    let lines = ListStrays.table(try strays, now: now).lines(width: nil, .plain)
    #expect(lines[1].hasPrefix("0b0e5b1c-7  web1    volume  odeum-lost-data  2 h ago"))
    #expect(lines[1].hasSuffix("lost"))
    #expect(!lines[2].contains("\u{1B}"))
  }

  @Test func `the beginning of an id names two, none, or the wrong one`() throws {
    #expect(try RemoveStray.stray("0b0e5b1c-8", among: strays).kind == "folder")
    #expect(try RemoveStray.stray("0B0E5B1C-7D9B-4B3B-9A55-6D0A3E1F8A11", among: strays).kind == "volume")
    for (text, status) in [("0b0e", ExitStatus.usage), ("ff", .notFound)] {
      let error = #expect(throws: CommandFailure.self) { try RemoveStray.stray(text, among: strays) }
      #expect(error?.status == status && error?.next == "odeum server strays")
    }
    #expect(throws: CommandFailure.self) { try RemoveStray.stray("", among: [strays[0]]) }
  }

  @Test func `who is asked is not told that data go with it`() throws {
    #expect(
      RemoveStray.warning(try strays[0])
        == "This removes the volume odeum-lost-data from web1 with its data, for good. It was a part of the instance lost."
    )
    let network = try stray("0B0E5B1C-9D9B-4B3B-9A55-6D0A3E1F8A11", "network", "odeum-lost")
    #expect(RemoveStray.warning(network) == "This removes the network odeum-lost from web1, for good.")
  }
}
