extension JobQueue {
  /// The channel of NOTIFY on which the numbers of the jobs that got further are told, separated by commas.
  /// For those who show many jobs at once; one job is followed by `follow`.
  public static let progressChannel = JobChannel.progress
}
