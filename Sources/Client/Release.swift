/// Which release of Odeum this is.
public enum Release {
  /// The version, after semantic versioning.
  public static let version = "0.1.0"
}
