/// A version of the Engine API, such as 1.41.
public struct APIVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The number before the point.
  public var major: Int
  /// The number behind the point.
  public var minor: Int

  /// The oldest version that Odeum works with: that of Docker Engine 20.10.
  public static let oldest = APIVersion(major: 1, minor: 41)
  /// The newest version that Odeum knows: that of Docker Engine 28.3.
  public static let newest = APIVersion(major: 1, minor: 51)

  /// A version of these numbers.
  public init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Reads "1.41"; `nil` for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
    self.init(major: major, minor: minor)
  }

  /// By number: 1.9 comes before 1.10.
  public static func < (left: APIVersion, right: APIVersion) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }

  /// "1.41".
  public var description: String { "\(major).\(minor)" }
}
