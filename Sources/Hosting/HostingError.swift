import Foundation

/// Why a use case did not do what it was asked: one of nine codes, a sentence for people, and what to do
/// next.
public struct HostingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it is. The code gives the HTTP status, the command line's exit status and whether a
  /// job tries again.
  public enum Code: String, Sendable, CaseIterable {
    /// Something in the way: a name is taken, an operation is under way.
    case conflict
    /// The request cannot be right as it stands.
    case invalid
    /// No such thing, or not for the one who asks.
    case notFound
    /// The one who asks may not do this.
    case forbidden
    /// The plan of the organisation does not allow it.
    case plan
    /// Too much was asked for in too short a time.
    case tooMany
    /// Nobody is signed in.
    case unauthenticated
    /// Something that is needed does not answer now.
    case unavailable
    /// A fault of ours.
    case `internal`
  }

  /// One field of a request that is at fault.
  public struct Field: Sendable, Equatable, Codable {
    /// The field's name as the API has it, dotted where it is nested (`settings.odooConf`).
    public var name: String
    /// The reason, one sentence.
    public var message: String

    /// The field `name`, refused because of `message`.
    public init(_ name: String, _ message: String) {
      self.name = name
      self.message = message
    }
  }

  /// The kind of failure.
  public var code: Code
  /// What happened and where, one sentence.
  public var message: String
  /// What to do next.
  public var suggestion: String?
  /// The fields at fault, where the request was refused for some.
  public var fields: [Field]
  /// Whether somebody else changed meanwhile what the one who asks has seen, and said that he has.
  public var isStale = false
  /// After how long the same request may be tried again.
  public var retryAfter: Duration?

  /// A failure with everything that is known of it.
  public init(
    _ code: Code, _ message: String, suggestion: String? = nil, fields: [Field] = [],
    retryAfter: Duration? = nil
  ) {
    self.code = code
    self.message = message
    self.suggestion = suggestion
    self.fields = fields
    self.retryAfter = retryAfter
  }

  /// The request is refused for `fields`, of which there is at least one.
  static func invalid(_ fields: [Field], suggestion: String? = nil) -> HostingError {
    // Each once, however much is wrong with it.
    let names = fields.map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let message =
      fields.count == 1
      ? fields[0].message
      : names.count == 1
        ? "\(fields.count) things are not right in \(names[0])."
        : "\(names.count) fields are not right: " + names.joined(separator: ", ") + "."
    return HostingError(.invalid, message, suggestion: suggestion, fields: fields)
  }

  /// There is no `thing` called `name` that the one who asks could see.
  static func notFound(_ thing: String, _ name: String) -> HostingError {
    HostingError(
      .notFound, "There is no \(thing) “\(name)”.",
      suggestion: "List what there is; a name may have been mistyped, or the \(thing) was removed.")
  }

  /// The message and the suggestion in one line.
  public var description: String {
    [message, suggestion].compactMap { $0 }.joined(separator: " ")
  }
}
