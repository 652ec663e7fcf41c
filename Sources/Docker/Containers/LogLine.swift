import Foundation

/// A line that a container, or a program in it, wrote.
public struct LogLine: Sendable, Hashable {
  /// Where a line was written to.
  public enum Source: Sendable, Hashable {
    /// Standard output. What a terminal shows is all of this kind.
    case stdout
    /// Standard error.
    case stderr
  }

  /// Where it was written to.
  public var source: Source
  /// The line without its end; bytes that are not UTF-8 show as U+FFFD.
  public var text: String
  /// When the engine received it, if times were asked for.
  public var timestamp: Date?
  /// Whether the line goes on in the next one of its source: it was longer than 256 KB.
  public var isContinued: Bool

  /// A line of these parts.
  public init(source: Source, text: String, timestamp: Date? = nil, isContinued: Bool = false) {
    self.source = source
    self.text = text
    self.timestamp = timestamp
    self.isContinued = isContinued
  }
}
