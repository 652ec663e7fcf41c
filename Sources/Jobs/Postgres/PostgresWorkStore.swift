import FoundationEssentials
import Logging
import Postgres

/// The workers' side of the queue in PostgreSQL, with connections of its own, so that jobs that use up the program's
/// cannot stop a worker's heart.
struct PostgresWorkStore: WorkStore {
  let database: Database
  private let program: Database

  init(for program: Database, logger: Logger) {
    self.program = program
    database = Database(Self.configuration(program.configuration), connections: 4, logger: logger)
  }

  /// The statements of a worker are few, and each has one good plan: planning them anew would cost more than
  /// running them.
  private static func configuration(_ given: PostgresConfiguration) -> PostgresConfiguration {
    var configuration = given
    configuration.parameters["options", default: ""] += " -c plan_cache_mode=force_generic_plan"
    return configuration
  }

  /// All who listen in a program share one connection.
  func wakeUps() -> any AsyncSequence<WakeUp, Never> & Sendable {
    program.listen(JobChannel.wake, JobChannel.cancel, JobChannel.lanes).map { event in
      switch event {
      case .notification(JobChannel.lanes, _): .lanes
      case .notification(JobChannel.cancel, let payload):
        UUID(uuidString: payload).map { .cancelled($0) } ?? .news
      default: .news
      }
    }
  }

  func close() async {
    await database.close()
  }
}
