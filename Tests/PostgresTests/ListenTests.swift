import Postgres
import PostgresTesting
import Testing

@Suite("LISTEN and NOTIFY")
struct ListenTests {
  @Test("a notification reaches everybody who listens on its channel, and nobody else")
  func delivery() async throws {
    try await withDatabase { database in
      var first = database.listen("Odd \"name", "two").makeAsyncIterator()
      var second = database.listen("two").makeAsyncIterator()
      #expect(await first.next() == .listening)
      #expect(await second.next() == .listening)
      try await database.query(
        "SELECT pg_notify(\("Odd \"name"), \("for the first")), pg_notify('two', 'both')")
      #expect(await first.next() == .notification(channel: "Odd \"name", payload: "for the first"))
      #expect(await first.next() == .notification(channel: "two", payload: "both"))
      #expect(await second.next() == .notification(channel: "two", payload: "both"))
    }
  }

  @Test("a lost connection is made again and its listeners are told to read anew")
  func reconnects() async throws {
    try await withDatabase { database in
      var events = database.listen("news").makeAsyncIterator()
      #expect(await events.next() == .listening)
      try await database.query(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'LISTEN%'
        """)
      #expect(await events.next() == .reconnected)
      try await database.query("SELECT pg_notify('news', 'after')")
      #expect(await events.next() == .notification(channel: "news", payload: "after"))
    }
  }

  @Test("who stops listening is forgotten by the server too")
  func unlistens() async throws {
    try await withDatabase { database in
      var kept = database.listen("kept").makeAsyncIterator()
      #expect(await kept.next() == .listening)
      let task = Task {
        for await event in database.listen("left") where event == .listening { return }
      }
      await task.value
      try await eventually("only one channel is listened on") {
        try await database.query(
          "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query = 'UNLISTEN \"left\"'"
        ).count == 1
      }
    }
  }

  @Test("closing the database ends the streams")
  func closing() async throws {
    try await withDatabase { database in
      var events = database.listen("news").makeAsyncIterator()
      #expect(await events.next() == .listening)
      await database.close()
      #expect(await events.next() == nil)
      var late = database.listen("news").makeAsyncIterator()
      #expect(await late.next() == nil)
    }
  }
}
