import Foundation

/// What a page is to be told, until it is ready to hear it. Changes that pile up become one; lines that pile up become
/// one message, the oldest left out where there are too many. So a slow browser costs a bounded amount of memory.
actor Mailbox {
  /// One line of a log, with its number where lines are counted.
  struct Line: Sendable, Equatable {
    var look: String
    var text: String
    var number: Int?
  }

  /// What lay in the box.
  struct Content: Sendable, Equatable {
    /// Something that the page shows has changed.
    var changed = false
    /// The lines begin anew.
    var reset = false
    var lines: [Line] = []
    /// Nothing more will come.
    var ended = false

    var isEmpty: Bool { !changed && !reset && lines.isEmpty && !ended }
  }

  /// How many lines wait at most: as many as a page keeps.
  static let limit = 100_000

  private var content = Content()
  private var isClosed = false
  private var waiting: CheckedContinuation<Void, Never>?

  /// Something that the page shows has changed.
  func change() {
    content.changed = true
    wake()
  }

  /// The log begins anew: what waits of it is void.
  func reset() {
    content.reset = true
    content.lines = []
    wake()
  }

  func add(_ line: Line) {
    content.lines.append(line)
    // Cut in large pieces, so that a flood does not move the whole list with each line.
    if content.lines.count > Self.limit + 1000 { content.lines.removeFirst(content.lines.count - Self.limit) }
    wake()
  }

  /// Nothing more will come; what waits is still handed out.
  func end() {
    content.ended = true
    wake()
  }

  /// Nobody will take anything any more.
  func close() {
    isClosed = true
    wake()
  }

  /// Everything in the box, waiting until there is something; nil once it is closed or the task is cancelled.
  func take() async -> Content? {
    await withTaskCancellationHandler {
      while content.isEmpty && !isClosed && !Task.isCancelled {
        await withCheckedContinuation { waiting = $0 }
      }
    } onCancel: {
      Task { await self.close() }
    }
    guard !isClosed, !Task.isCancelled else { return nil }
    defer { content = Content() }
    return content
  }

  private func wake() {
    waiting?.resume()
    waiting = nil
  }
}
