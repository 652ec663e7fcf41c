import Foundation

/// Something that happened in the engine.
public struct EngineEvent: Sendable, Hashable {
  /// What it happened to: "container", "image", "network", "volume", "daemon" …
  public var kind: String
  /// What happened: "start", "die", "oom", "health_status: healthy", "destroy" …
  public var action: String
  /// The id of what it happened to.
  public var id: String
  /// Labels and more, such as "name", "image" and, for "die", "exitCode".
  public var attributes: [String: String]
  /// When.
  public var time: Date
}

extension EngineEvent: Decodable {
  /// Reads the engine's answer.
  public init(from decoder: any Decoder) throws {
    let fields = try EngineFields(decoder)
    let actor = try fields.object("Actor")
    kind = try fields.text("Type") ?? ""
    action = try fields.text("Action") ?? ""
    id = try actor?.text("ID") ?? ""
    attributes = try actor?.texts("Attributes") ?? [:]
    let nanoseconds = try fields.optional("timeNano", as: Int.self)
    let seconds = try fields.optional("time", as: Int.self) ?? 0
    time = Date(timeIntervalSince1970: nanoseconds.map { Double($0) / 1e9 } ?? Double(seconds))
  }
}

extension DockerEngine {
  /// What happens in the engine to what has all of `labels`, until the task is cancelled or the engine stops,
  /// which is `DockerError.cutOff` or the end of the stream. Nothing is asked before the first event is awaited.
  ///
  /// - Parameters:
  ///   - labels: a label with a `nil` value may have any. Events of volumes and networks do not tell their labels, so
  ///     that none of them comes where labels are wanted.
  ///   - kinds: what events are wanted of; all by default.
  ///   - actions: which events are wanted, such as "die"; all by default.
  ///   - since: a moment from which past events come first; the engine keeps the last 256 or so.
  public func events(
    labels: [String: String?] = [:], kinds: [String] = [], actions: [String] = [], since: Date? = nil
  ) -> AsyncThrowingStream<EngineEvent, any Error> {
    connection.stream {
      let wanted = ["type": kinds, "event": actions].filter { !$0.value.isEmpty }
      let filters = try filters(labels: labels, more: wanted)
      let call = EngineCall(
        .GET, "/events", query: ["filters": filters, "since": since.map(EngineDate.query)])
      return (call, JSONLines(endpoint: call.endpoint) { (event: EngineEvent) in event })
    }
  }
}
