import Client
import Foundation
import Testing

@testable import Web

/// Returns when the task is cancelled.
private func untilCancelled() async {
  let (never, end) = AsyncStream.makeStream(of: Void.self)
  for await _ in never {}
  end.finish()
}

@Suite struct PageEventsTests {
  private func line(_ number: Int) -> Mailbox.Line {
    .init(look: "info", text: "line \(number)", number: number)
  }

  @Test func `what piles up while a browser is slow becomes one event of a kind`() async throws {
    let mailbox = Mailbox()
    for number in 1...50 {
      await mailbox.change()
      await mailbox.add(line(number))
    }
    let content = try #require(await mailbox.take())
    #expect(content.changed && content.lines.count == 50)
    await mailbox.end()
    #expect(await mailbox.take() == .init(ended: true))
  }

  @Test func `a flood of lines leaves out the oldest and stays within its bound`() async throws {
    let mailbox = Mailbox()
    for number in 1...(Mailbox.limit + 5000) { await mailbox.add(line(number)) }
    let content = try #require(await mailbox.take())
    #expect(content.lines.count <= Mailbox.limit + 1000)
    #expect(content.lines.last == line(Mailbox.limit + 5000))
  }

  @Test func `a log that begins anew voids what waits of it`() async throws {
    let mailbox = Mailbox()
    await mailbox.add(line(1))
    await mailbox.reset()
    await mailbox.add(line(2))
    #expect(await mailbox.take() == .init(reset: true, lines: [line(2)]))
  }

  @Test func `who waits for something is woken by it, and by the end of the waiting`() async throws {
    let mailbox = Mailbox()
    let waiting = Task { await mailbox.take() }
    await mailbox.change()
    #expect(await waiting.value == .init(changed: true))
    let forlorn = Task { await mailbox.take() }
    forlorn.cancel()
    #expect(await forlorn.value == nil)
  }

  @Test func `events carry the number behind which a browser goes on`() async throws {
    var events = PageEvents { mailbox in
      await mailbox.add(line(7))
      await mailbox.add(.init(look: "error", text: "a\n</script>\"", number: 8))
      await mailbox.change()
      await mailbox.end()
      await untilCancelled()
    }
    events.pace = .zero
    var heard: [OutgoingEvent] = []
    for try await event in events { heard.append(event) }
    let log = try #require(heard.first { $0.name == "log" && $0.id == "8" })
    #expect(log.data.contains(#"["error","a\n</script>\""]"#))
    #expect(heard.contains { $0.name == "change" })
    #expect(heard.last == .end)
  }

  @Test func `what feeds the events stops when nobody listens any more`() async throws {
    let (stopped, signal) = AsyncStream.makeStream(of: Void.self)
    do {
      let events = PageEvents { mailbox in
        await mailbox.change()
        await untilCancelled()
        signal.yield()
      }
      let iterator = events.makeAsyncIterator()
      #expect(try await iterator.next()?.name == "change")
    }
    for await _ in stopped { break }
  }

  @Test func `a failure of what feeds them reaches the stream`() async {
    struct Broken: Error {}
    let events = PageEvents { _ in throw Broken() }
    await #expect(throws: Broken.self) { for try await _ in events {} }
  }
}
