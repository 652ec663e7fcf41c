extension API.Call where Answer == API.Installation {
  /// The installation and its own backups, for operators.
  public static var installation: Self { Self(.get, "installation") }
}
