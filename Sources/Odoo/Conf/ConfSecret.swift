/// A password on its way into `odoo.conf` or to `psql`. It prints as `[redacted]`; only what is rendered for
/// them holds its text.
public struct ConfSecret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  let text: String

  /// Wraps a password.
  public init(_ text: String) {
    self.text = text
  }

  /// Never the text.
  public var description: String { "[redacted]" }

  /// Never the text.
  public var debugDescription: String { "[redacted]" }

  /// Shows nothing to reflection, so that `dump` does not print the text either.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
