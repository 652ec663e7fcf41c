/// What someone who listens on channels gets.
public enum ListenEvent: Sendable, Hashable {
  /// LISTEN is in force: what happens from now on is told. The first element; read the present state now.
  case listening
  /// The connection was lost and is back, or this listener was too slow: read again what may have been missed.
  case reconnected
  /// NOTIFY, from any session, this process included.
  case notification(channel: String, payload: String)
}

extension Database {
  /// Listens on channels until the loop over it ends, its task is cancelled, or the database is closed.
  ///
  /// All listeners of a database share one connection, which reconnects by itself.
  public func listen(_ channels: String...) -> AsyncStream<ListenEvent> {
    listener.listen(channels)
  }

  /// Listens on channels until the loop over it ends, its task is cancelled, or the database is closed.
  public func listen(to channels: [String]) -> AsyncStream<ListenEvent> {
    listener.listen(channels)
  }
}
