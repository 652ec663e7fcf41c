import AsyncHTTPClient
import Foundation
import NIOCore

/// The events of an open stream, decoded. A connection that is lost is made anew behind the last event that came, so
/// that nothing is missed and nothing comes twice; the sequence ends when the server says that nothing more will come.
///
/// It throws ``API/Problem`` where the server refuses, and ``ClientError`` where it stays away for longer than the
/// client's patience.
public struct EventStream<Element: Sendable>: AsyncSequence, Sendable {
  let client: OdeumClient
  let call: API.Call<API.Nothing>
  let decode: @Sendable (ServerEvent) throws -> Element?

  /// Starts to listen at the first `next()`.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(stream: self)
  }

  /// Listens to the stream, one event after the other.
  public struct AsyncIterator: AsyncIteratorProtocol {
    private let stream: EventStream
    private var body: HTTPClientResponse.Body.AsyncIterator?
    private var parser = ServerEventParser()
    private var lastID: String?
    private var ready: ArraySlice<ServerEvent> = []
    private var outage = Outage()
    private var hasListened = false
    private var isOver = false

    fileprivate init(stream: EventStream) {
      self.stream = stream
    }

    /// The next event, nil at the stream's end.
    public mutating func next() async throws -> Element? {
      while true {
        while let event = ready.popFirst() {
          lastID = event.id ?? lastID
          if event.name == "end" {
            isOver = true
            ready = []
          } else if let element = try stream.decoded(event) {
            return element
          }
        }
        if isOver { return nil }
        try await read()
      }
    }

    /// Gets more events, or waits before the next attempt where the connection is lost.
    private mutating func read() async throws {
      do {
        if body == nil { body = try await connect() }
        guard let chunk = try await body?.next() else {
          throw ClientError(
            kind: .interrupted, message: "\(stream.client.address) ended the stream early.",
            suggestion: "run the command again to go on watching")
        }
        outage.end()
        ready = parser.take(chunk.readableBytesView)[...]
      } catch {
        body = nil
        let error = ClientError.understood(error, at: stream.client.address)
        // A server that never answered is told of at once; one that did may only be starting anew.
        guard hasListened else { throw error }
        try await outage.wait(after: error, patience: stream.client.patience)
      }
    }

    private mutating func connect() async throws -> HTTPClientResponse.Body.AsyncIterator {
      parser = ServerEventParser()
      var request = stream.client.request(for: stream.call, accept: "text/event-stream")
      if let lastID { request.headers.replaceOrAdd(name: "Last-Event-ID", value: lastID) }
      let response = try await stream.client.http.execute(request, deadline: .distantFuture)
      guard response.status.code == 200 else {
        let body = try await response.body.collect(upTo: OdeumClient.largestBody)
        throw stream.client.refusal(Data(body.readableBytesView), of: response)
      }
      guard response.headers.first(name: "Content-Type")?.hasPrefix("text/event-stream") == true else {
        throw ClientError.foreign(stream.client.address, "answered with something that is no event stream")
      }
      hasListened = true
      return response.body.makeAsyncIterator()
    }
  }

  private func decoded(_ event: ServerEvent) throws -> Element? {
    do {
      return try decode(event)
    } catch is DecodingError {
      throw ClientError.foreign(client.address, "sent an event “\(event.name)” that this client cannot read")
    }
  }
}

/// How long a stream has been away, and when to ask for it again.
struct Outage {
  private var began: ContinuousClock.Instant?
  private var pause: Duration?

  mutating func end() {
    self = Outage()
  }

  /// Waits before the next attempt; throws `error` where another attempt makes no sense or the outage lasted longer
  /// than `patience` has.
  mutating func wait(after error: any Error, patience: OdeumClient.Patience) async throws {
    guard Self.mayPass(error) else { throw error }
    let now = ContinuousClock.now
    let began = began ?? now
    let pause = pause ?? patience.pause
    guard now - began + pause <= patience.outage else { throw error }
    self.began = began
    self.pause = min(pause * 2, .seconds(10))
    try await Task.sleep(for: pause)
  }

  private static func mayPass(_ error: any Error) -> Bool {
    switch error {
    case let error as ClientError: error.kind == .unreachable || error.kind == .interrupted
    case let problem as API.Problem: problem.code == "unavailable"
    default: false
    }
  }
}
