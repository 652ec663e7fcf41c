/// What an instance is for.
public enum Stage: String, Sendable, Codable, CaseIterable {
  /// A company works with it.
  case production
  /// A copy to try things on.
  case staging
  /// Made to be thrown away.
  case dev
}

/// What a user sees of an instance's state.
public enum InstanceStatus: String, Sendable, Codable, CaseIterable {
  /// It is being made.
  case creating
  /// It answers.
  case running
  /// Its containers are stopped; its data are kept.
  case stopped
  /// It is on its way up.
  case restarting
  /// A new revision goes live.
  case deploying
  /// A backup is put back.
  case restoring
  /// Stopped for idleness; the first request wakes it.
  case sleeping
  /// It does not run although it should; the reason says why.
  case failed
  /// It is being removed with its data.
  case removing
}

/// Whether an instance should run.
public enum DesiredState: String, Sendable, Codable {
  /// It should answer.
  case running
  /// It should not use the server.
  case stopped
}
