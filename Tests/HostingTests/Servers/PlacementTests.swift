import Testing

@testable import Hosting

@Suite struct PlacementTests {
  private func order(_ stage: Stage, _ servers: [Server], workers: Int? = 2) -> [String] {
    Placement(demand: .init(stage: stage, workers: workers), diskFloorMB: 5000).suggestions(servers)
      .map { ($0.isPossible ? "" : "-") + $0.server.name }
  }

  private func suggestion(_ stage: Stage, _ server: Server, workers: Int? = 2) -> Placement.Suggestion {
    Placement(demand: .init(stage: stage, workers: workers), diskFloorMB: 5000).suggestion(server)
  }

  @Test func `the server with the most memory that nobody has reserved comes first`() {
    #expect(
      order(
        .dev,
        [
          .sample("a", memoryMB: 16_000, reservedMB: 12_000), .sample("b", memoryMB: 8_000),
          .sample("c", memoryMB: 32_000, reservedMB: 30_000),
        ]) == ["b", "a", "c"])
  }

  @Test func `production goes where the fewest of its kind are, also with less memory`() {
    #expect(
      order(
        .production,
        [.sample("a", stages: [.production: 2]), .sample("b", memoryMB: 8_000, stages: [.production: 1])])
        == ["b", "a"])
  }

  @Test
  func `a server without production comes before an emptier one with it, for whatever is no production`() {
    #expect(
      order(
        .staging, [.sample("a", memoryMB: 64_000, stages: [.production: 1]), .sample("b", stages: [.dev: 3])])
        == ["b", "a"])
  }

  @Test func `memory that would be promised twice counts more than stages that would meet`() {
    let full = Server.sample("a", memoryMB: 4_000, reservedMB: 3_000)
    #expect(order(.dev, [full, .sample("b", stages: [.production: 1])]) == ["b", "a"])
    let told = suggestion(.dev, full)
    #expect(told.isPossible)
    #expect(
      told.warnings == [
        "The memory of web1 is promised more than once: this instance may come to need 1.1 GB, and 488 MB are not reserved."
          .replacing("web1", with: "a")
      ])
  }

  @Test(arguments: [
    (
      Server.sample(mode: .draining), Placement.Obstacle.mode(.draining),
      "It is drained: it takes no new instances."
    ),
    (.sample(mode: .maintenance), .mode(.maintenance), "It is in maintenance."),
    (.sample(validated: false), .notValidated, "It was not validated yet."),
    (.sample(status: .unavailable), .unavailable, "It does not answer: Nothing listens there."),
    (.sample(diskFreeMB: 4_999), .disk, "Its disk has 5 GB free, and 5 GB must stay free."),
    (.sample(available: 300), .memory, "Its programs leave 300 MB of memory."),
    (
      .sample(policy: .refuse, stages: [.production: 1]), .stages,
      "web1 holds instances in production, from which this one can take memory and disk. Its policy refuses that."
    ),
  ])
  func `what keeps an instance away is said, and the server comes last`(
    server: Server, obstacle: Placement.Obstacle, reason: String
  ) {
    let told = suggestion(.dev, server)
    #expect(told.obstacles == [obstacle])
    #expect(told.reasons.first == reason)
    var small = Server.sample("small", memoryMB: 1_500)
    small.load.memoryMB = 1_000
    #expect(order(.dev, [server, small]) == ["small", "-web1"])
  }

  @Test func `the policy decides whether production may meet other stages`() {
    let mixed: [Stage: Int] = [.staging: 1]
    #expect(suggestion(.production, .sample(policy: .allow, stages: mixed)).warnings.isEmpty)
    #expect(suggestion(.production, .sample(policy: .warn, stages: mixed)).warnings.count == 1)
    #expect(suggestion(.production, .sample(policy: .refuse, stages: mixed)).obstacles == [.stages])
    #expect(suggestion(.staging, .sample(policy: .refuse, stages: mixed)).isPossible)
    #expect(suggestion(.production, .sample(policy: .refuse, stages: [.production: 4])).isPossible)
  }

  @Test func `what is of others is judged and not told`() {
    let server = Server.sample("a", stages: [.production: 2, .dev: 1])
    var told = server
    told.load = ServerLoad()
    told.load.stages = [.production: 1]
    for policy in Server.StagePolicy.allCases {
      var server = server
      server.stagePolicy = policy
      let placement = Placement(
        demand: .init(stage: .production, workers: 2), diskFloorMB: 5000, told: [server.id: told])
      let suggestion = placement.suggestions([server])[0]
      #expect(suggestion.isPossible == (policy != .refuse))
      #expect(suggestion.server.load == told.load)
      #expect(suggestion.merits.contains("1 of yours in production already."))
      #expect(suggestion.merits.contains { $0.hasSuffix("of memory not reserved.") })
      #expect(suggestion.warnings == [])
    }
  }

  @Test func `the machine of the control plane need not be validated`() {
    #expect(suggestion(.dev, .sample(validated: false, kind: .local)).isPossible)
  }

  @Test func `what is not known of a server keeps nothing away`() {
    var server = Server.sample()
    server.facts = ServerFacts()
    #expect(suggestion(.production, server).isPossible)
  }

  @Test func `the workers that are advised count, where none are asked for`() {
    // 8 cores advise 17 workers in production, which take 5612 MB.
    let server = Server.sample(memoryMB: 6_000)
    #expect(suggestion(.production, server, workers: nil).warnings.count == 1)
    #expect(suggestion(.dev, server, workers: nil).warnings.isEmpty)
  }
}
