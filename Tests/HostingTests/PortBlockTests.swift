import Testing

@testable import Hosting

@Suite struct PortBlockTests {
  @Test func `the first instance gets 10000 and the next one 10010`() throws {
    #expect(try PortBlock.choose(wish: nil, taken: [], listening: [], server: "local").block.base == 10_000)
    #expect(
      try PortBlock.choose(wish: nil, taken: [10_000], listening: [], server: "local").block.base == 10_010)
  }

  @Test func `where others are not to be counted any free block is chosen`() throws {
    let others = Set(PortBlock.bases.prefix(990))
    let chosen = try (0..<100).map { _ in
      try PortBlock.choose(wish: nil, taken: others, listening: [], server: "local", scattered: true).block
        .base
    }
    #expect(others.isDisjoint(with: chosen))
    #expect(Set(chosen).count > 1, "always the same of ten, a hundred times")
  }

  @Test(arguments: [10_000, 10_001, 10_002, 10_003, 10_004])
  func `a foreign listener on any port in use skips the block and is mentioned`(port: Int) throws {
    let (block, notes) = try PortBlock.choose(wish: nil, taken: [], listening: [port], server: "local")
    #expect(block.base == 10_010)
    #expect(notes == ["Ports 10000–10009 of local were skipped: another program listens on port \(port)."])
  }

  @Test func `a listener on a port of the block that nobody uses does not matter`() throws {
    let (block, notes) = try PortBlock.choose(wish: nil, taken: [], listening: [10_007], server: "local")
    #expect(block.base == 10_000)
    #expect(notes.isEmpty)
  }

  @Test func `a block asked for that a foreign program uses is refused with its port`() {
    let error = #expect(throws: HostingError.self) {
      try PortBlock.choose(wish: 10_050, taken: [], listening: [10_053], server: "local")
    }
    #expect(error?.code == .conflict)
    #expect(error?.fields.map(\.name) == ["basePort"])
    #expect(
      error?.message == "Ports 10050–10059 cannot be used: port 10053 of local is taken.")
  }

  @Test func `a block asked for that another instance has is granted, or tells that there is one`() {
    func refusal(taken: Set<Int>, listening: Set<Int>) -> HostingError? {
      #expect(throws: HostingError.self) {
        try PortBlock.choose(wish: 10_050, taken: taken, listening: listening, server: "local")
      }
    }
    let stopped = refusal(taken: [10_050], listening: [])
    let running = refusal(taken: [10_050], listening: [10_050, 10_051])
    let foreign = refusal(taken: [], listening: [10_050, 10_051])
    #expect(stopped?.code == .conflict)
    #expect(stopped?.message == "Ports 10050–10059 cannot be used: port 10050 of local is taken.")
    #expect(stopped == running && running == foreign)
  }

  @Test(arguments: [9_990, 10_005, 20_000, -10, 65_530])
  func `a first port that begins no block is refused`(wish: Int) {
    let error = #expect(throws: HostingError.self) {
      try PortBlock.choose(wish: wish, taken: [], listening: [], server: "local")
    }
    #expect(error?.code == .invalid)
    #expect(error?.fields.map(\.name) == ["basePort"])
  }

  @Test func `a full range says which server is full and what to do`() {
    let error = #expect(throws: HostingError.self) {
      try PortBlock.choose(wish: nil, taken: Set(PortBlock.bases), listening: [], server: "web1")
    }
    #expect(error?.code == .conflict)
    #expect(error?.message == "Every block of ports from 10000 to 19999 on web1 is taken.")
    #expect(error?.suggestion?.isEmpty == false)
  }
}
