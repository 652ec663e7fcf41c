import Foundation
import Testing

@testable import Hosting

/// What Docker's words for a container tell of whether something happened to it.
@Suite struct StatusAgeTests {
  @Test(
    "words are misread",
    arguments: [
      ("Up Less than a second", "Up", 0), ("Up 1 second", "Up", 1), ("Up 59 seconds", "Up", 59),
      ("Up About a minute", "Up", 60), ("Up 59 minutes", "Up", 3540), ("Up About an hour", "Up", 3600),
      // One hour and a half is rounded up.
      ("Up 2 hours", "Up", 5400), ("Up 47 hours (healthy)", "Up (healthy)", 167_400),
      ("Up 2 days", "Up", 171_000), ("Up 3 weeks (Paused)", "Up (Paused)", 1_812_600),
      ("Exited (137) 5 minutes ago", "Exited (137) ago", 300),
      ("Restarting (1) 7 seconds ago", "Restarting (1) ago", 7),
    ])
  func words(_ words: String, state: String, seconds: Int) {
    let age = StatusAge(words)
    #expect(age.state == state)
    #expect(age.atLeast == .seconds(seconds))
  }

  @Test("words without a time get one", arguments: ["Created", "Dead", "Removal In Progress", "", "second"])
  func timeless(_ words: String) {
    #expect(StatusAge(words) == StatusAge(words))
    #expect(StatusAge(words).atLeast == nil)
    #expect(StatusAge(words).state == words)
  }

  @Test(
    "a container that was started or ended meanwhile is taken for the same, or one that went on is not",
    arguments: [
      ("Up 3 hours", "Up 3 hours", 15, true), ("Up 59 minutes", "Up About an hour", 15, true),
      ("Up About a minute", "Up 2 minutes", 15, true),
      // Started anew since, however it looks.
      ("Up 3 hours", "Up 5 seconds", 15, false), ("Up 10 seconds", "Up 14 seconds", 15, false),
      ("Up 2 minutes", "Up 4 minutes", 300, false), ("Up 2 minutes", "Up 7 minutes", 300, true),
      ("Up 3 hours", "Exited (0) 2 minutes ago", 15, false), ("Up 3 hours", "Up 3 hours (Paused)", 15, false),
      ("Exited (1) 3 hours ago", "Exited (0) 3 hours ago", 15, false),
      ("Created", "Created", 15, true), ("Created", "Up 2 minutes", 15, false),
    ])
  func changes(_ former: String, _ now: String, elapsed: Int, isStill: Bool) throws {
    var given = try Given()
    given.container(.odoo) { $0.summary = former }
    let before = given.seen.containers
    given.container(.odoo) { $0.summary = now }
    let index = try #require(before.firstIndex { $0.summary == former })
    #expect(given.seen.containers[index].isStill(before[index], after: .seconds(elapsed)) == isStill)
  }

  @Test func `the list of containers waits for more than one other question, or these for ever`() {
    var timing = WatchTiming()
    timing.folders = .zero
    timing.parts = .seconds(40)
    timing.storage = .seconds(40)
    let begin = ContinuousClock.now
    var rota = Rota(timing, at: begin)
    var asked: [Rota.Question] = []
    for tick in 0..<60 { asked.append(rota.next(at: begin + .seconds(15 * tick))) }
    for (one, next) in zip(asked, asked.dropFirst()) { #expect(one == .containers || next == .containers) }
    #expect(Set(asked) == Set(Rota.Question.allCases))
  }
}
