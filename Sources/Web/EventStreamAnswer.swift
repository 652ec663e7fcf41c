import Client
import Foundation
import Hummingbird
import NIOCore
import ServiceLifecycle

/// An event on its way to who listens.
struct OutgoingEvent: Sendable, Equatable {
  /// The id behind which a later request goes on.
  var id: String?
  /// The kind.
  var name: String
  /// The data, mostly JSON.
  var data: String

  /// The last event of a stream that has come to its end; without it who listens asks again.
  static let end = OutgoingEvent(name: "end", data: "{}")

  /// The event as it goes over the wire (WHATWG HTML, section 9.2).
  var frame: String {
    let id = id.map { "id: \($0)\n" } ?? ""
    let data = data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
      "data: \($0)\n"
    }
    return "\(id)event: \(name)\n\(data.joined())\n"
  }
}

/// An answer made of events, with a sign of life while there are none. It ends with its events; with an event `problem`
/// where they fail; and without a word when the listener goes away or may no longer listen, or when the server shuts
/// down, so that who still wants to listen comes back behind the last id.
struct EventStreamAnswer<Events: AsyncSequence & Sendable>: Sendable where Events.Element == OutgoingEvent {
  let events: Events
  let request: Request
  let context: WebContext
  let heartbeat: Duration

  /// What the next write is.
  private enum Signal: Sendable {
    case event(OutgoingEvent)
    case heartbeat
  }

  /// The answer.
  var response: Response {
    Response(
      status: .ok,
      // nginx would hold events back until its buffer is full. The connection is used up: who listens to a stream is
      // not heard on it any more.
      headers: [
        .connection: "close", .contentType: "text/event-stream", .cacheControl: "no-store",
        .accelBuffering: "no",
      ],
      body: ResponseBody { writer in
        let (signals, signal) = AsyncStream<Signal>.makeStream()
        let (written, acknowledge) = AsyncStream<Void>.makeStream()
        try await request.body.consumeWithInboundCloseHandler { _ in
          try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
              group.addTask { await produce(signal, after: written) }
              group.addTask { await keepAlive(signal) }
              for await signal in signals {
                switch signal {
                case .heartbeat: try await writer.write(ByteBuffer(string: ": still here\n\n"))
                case .event(let event):
                  try await writer.write(ByteBuffer(string: event.frame))
                  acknowledge.yield()
                }
              }
              group.cancelAll()
            }
          } onGracefulShutdown: {
            signal.finish()
          }
        } onInboundClosed: {
          signal.finish()
        }
        try await writer.finish(nil)
      })
  }

  /// Hands over one event at a time: a slow listener slows the events, and does not fill the memory.
  private func produce(_ signal: AsyncStream<Signal>.Continuation, after written: AsyncStream<Void>) async {
    var written = written.makeAsyncIterator()
    do {
      for try await event in events {
        signal.yield(.event(event))
        guard await written.next() != nil else { break }
      }
    } catch is CancellationError {
      // The listener is gone.
    } catch {
      let problem = API.Problem(error, incident: context.requestID)
      if problem.incident != nil {
        context.logger.error("A stream failed", metadata: ["error": "\(String(reflecting: error))"])
      }
      if let event = try? OutgoingEvent(name: "problem", json: problem) {
        signal.yield(.event(event))
        _ = await written.next()
      }
    }
    signal.finish()
  }

  private func keepAlive(_ signal: AsyncStream<Signal>.Continuation) async {
    while (try? await Task.sleep(for: heartbeat)) != nil {
      do {
        guard try await context.isStillAdmitted() else { break }
      } catch {
        // Whether the listener may still listen cannot be told now; the next beat asks again.
        context.logger.debug("A stream's visitor could not be looked up", metadata: ["error": "\(error)"])
      }
      signal.yield(.heartbeat)
    }
    signal.finish()
  }
}

extension OutgoingEvent {
  /// An event whose data is `value` in JSON.
  init(id: String? = nil, name: String, json value: some Encodable) throws {
    self.init(id: id, name: name, data: String(decoding: try API.encoder().encode(value), as: UTF8.self))
  }
}
