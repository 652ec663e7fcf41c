import ArgumentParser
import Hosting

extension Admin {
  /// Checks the audit log.
  struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check that nothing in the audit log was changed or taken out.",
      discussion: """
        Prints the head of the log: the number of its last entry and a hash that depends on every entry before it. \
        Keep it where nobody who can change the database can change it, and give it as --since next time: that also \
        tells whether entries were cut off at the end.
        """)

    @Option(help: "A head that was printed before; it must still be in the log.")
    var since: String?

    func validate() throws {
      guard let since, AuditHead(since) == nil else { return }
      throw ValidationError("“\(since)” is no head of an audit log; one looks like 42:9f86d081….")
    }

    func run() async throws {
      try await withHosting { hosting, _ in
        print(try await hosting.verifyAudit(since: since.flatMap { AuditHead($0) }))
      }
    }
  }
}
