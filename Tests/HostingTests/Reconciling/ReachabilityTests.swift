import Testing

@testable import Hosting

/// A clock that the test moves.
private struct Played {
  var reachability = Reachability()
  var now = ContinuousClock.now

  mutating func pass(_ duration: Duration) { now = now.advanced(by: duration) }
  mutating func fail(_ probes: Reachability.Probe...) {
    for probe in probes { reachability.failed(probe, "\(probe.rawValue) failed", at: now) }
  }
  mutating func answer(_ probe: Reachability.Probe) { reachability.answered(probe) }
}

@Suite struct ReachabilityTests {
  @Test func `a single probe that fails again and again takes a server for unreachable`() {
    var played = Played()
    for _ in 0..<100 {
      played.fail(.host)
      played.pass(.seconds(5))
    }
    #expect(played.reachability.state == .present)
    #expect(played.reachability.isInDoubt)
  }

  @Test func `three kinds of probes that fail at one moment take a server for unreachable`() {
    var played = Played()
    played.fail(.events, .list, .version, .host)
    played.pass(.seconds(59))
    played.fail(.events, .list, .version, .host)
    #expect(played.reachability.state == .present)
    played.pass(.seconds(1))
    played.fail(.host)
    #expect(played.reachability.state == .absent(.unreachable, reason: "host failed"))
  }

  @Test func `questions that nobody answers count only from when they were given up`() {
    var played = Played()
    let asked = played.now
    played.pass(.seconds(30))
    played.reachability.failed(.list, "list failed", asked: asked, at: played.now)
    let askedBeside = played.now
    played.pass(.seconds(29))
    for probe in [Reachability.Probe.version, .host] {
      played.reachability.failed(probe, "\(probe.rawValue) failed", asked: askedBeside, at: played.now)
    }
    #expect(played.reachability.state == .present)
    played.pass(.seconds(1))
    played.fail(.host)
    #expect(played.reachability.state.absence == .unreachable)
  }

  @Test
  func `a server with another host key is told only after a minute, or stays away when it is itself again`() {
    var played = Played()
    played.fail(.list)
    played.reachability.isNotItself("another host key")
    #expect(played.reachability.state == .absent(.unreachable, reason: "another host key"))
    played.answer(.list)
    #expect(played.reachability.state == .present)
  }

  @Test func `questions to Docker alone take the host for unreachable`() {
    var played = Played()
    for _ in 0..<20 {
      played.fail(.events, .list, .version)
      played.pass(.seconds(10))
    }
    #expect(played.reachability.state == .present)
  }

  @Test func `an answer in between does not begin the count anew`() {
    var played = Played()
    played.fail(.events, .list, .host)
    played.pass(.seconds(50))
    played.answer(.list)
    #expect(!played.reachability.isInDoubt)
    played.pass(.seconds(20))
    played.fail(.events, .list, .host)
    #expect(played.reachability.state == .present)
  }

  @Test func `Docker that is down is not told from a host that is away`() {
    var played = Played()
    played.fail(.list)
    played.answer(.host)
    #expect(played.reachability.state == .present, "one question says little")
    played.fail(.list, .version)
    played.answer(.host)
    #expect(played.reachability.state == .absent(.dockerDown, reason: "version failed"))
  }

  @Test func `Docker is down because its events broke off, where a question told more`() {
    for order: [Reachability.Probe] in [[.events, .version], [.version, .events]] {
      var played = Played()
      for probe in order { played.fail(probe) }
      played.answer(.host)
      #expect(played.reachability.state == .absent(.dockerDown, reason: "version failed"))
    }
  }

  @Test func `a host that goes away while Docker is down is not called unreachable, or at once`() {
    var played = Played()
    played.fail(.list, .version)
    played.answer(.host)
    played.pass(.seconds(600))
    played.fail(.list, .version, .host)
    #expect(played.reachability.state.absence == .dockerDown)
    played.pass(.seconds(60))
    played.fail(.host)
    #expect(played.reachability.state.absence == .unreachable)
  }

  @Test func `a host that is back without Docker stays unreachable`() {
    var played = Played()
    played.fail(.list, .version, .host)
    played.pass(.seconds(61))
    played.fail(.list, .version, .host)
    #expect(played.reachability.state.absence == .unreachable)
    played.answer(.host)
    #expect(played.reachability.state == .absent(.dockerDown, reason: "version failed"))
  }

  @Test(arguments: [Reachability.Probe.events, .list, .version])
  func `an answer of Docker does not end an absence at once`(probe: Reachability.Probe) {
    var played = Played()
    played.reachability = Reachability(.absent(.unreachable, reason: "known before"))
    let mayWake = played.reachability.answered(probe)
    #expect(mayWake)
    #expect(played.reachability.state == .present)
    let mayWakeAgain = played.reachability.answered(probe)
    #expect(!mayWakeAgain, "nothing waits when nothing had failed")
  }
}

@Suite struct CrashLoopTests {
  @Test func `crashes now and then count as a loop`() {
    var loops = CrashLoops()
    var now = ContinuousClock.now
    for count in 0..<20 {
      loops.note("a", count: count, at: now)
      #expect(loops.restarts(of: "a", at: now) < CrashLoops.ends)
      now = now.advanced(by: .seconds(100))
    }
  }

  @Test func `five ends within minutes do not count as a loop, or other containers are mixed in`() {
    var loops = CrashLoops()
    var now = ContinuousClock.now
    loops.note("b", count: 7, at: now)
    for count in 0...5 {
      loops.note("a", count: count, at: now)
      loops.note("b", count: 7, at: now)
      now = now.advanced(by: .seconds(20))
    }
    #expect(loops.restarts(at: now) == ["a": 5])
    #expect(CrashLoops.ends == 5)
  }

  @Test func `ends between two looks are missed`() {
    var loops = CrashLoops()
    let now = ContinuousClock.now
    loops.note("a", count: 0, at: now)
    loops.note("a", count: 6, at: now.advanced(by: .seconds(15)))
    #expect(loops.restarts(of: "a", at: now) == 6)
  }

  @Test func `a start by hand does not begin the count anew`() {
    var loops = CrashLoops()
    let now = ContinuousClock.now
    loops.note("a", count: 0, at: now)
    loops.note("a", count: 5, at: now)
    loops.note("a", count: 0, at: now)
    #expect(loops.restarts(of: "a", at: now) == 0)
    loops.note("a", count: 1, at: now)
    #expect(loops.restarts(of: "a", at: now) == 1)
  }

  @Test func `a loop is remembered after it has long ended`() {
    var loops = CrashLoops()
    let now = ContinuousClock.now
    loops.note("a", count: 0, at: now)
    loops.note("a", count: 5, at: now)
    loops.note("a", count: 5, at: now.advanced(by: .seconds(400)))
    #expect(loops.restarts(of: "a", at: now) == 0)
    loops.keep([])
    #expect(loops.restarts(at: now).isEmpty)
  }
}
