/// Why a database could not be dumped, or a dump not be read or restored.
public enum DumpError: Error, Sendable, CustomStringConvertible {
  /// `pg_dump` and `pg_restore` are missing, or all that are there are older than the server.
  case noPrograms(needed: Int, found: [Int])
  /// A program ended with an error; its output says why.
  case failed(program: String, reason: String, output: String)
  /// A parameter of the connection that cannot be handed to another program in secret.
  case secretParameter(String)

  /// What happened and what to do next.
  public var description: String {
    switch self {
    case .noPrograms(let needed, let found):
      "pg_dump and pg_restore of PostgreSQL \(needed) are needed, and "
        + (found.isEmpty
          ? "none were found" : "only \(found.map(String.init).joined(separator: ", ")) is there")
        + ": run 'apt-get install postgresql-client-\(needed)'"
    case .failed(let program, let reason, let output):
      "\(program) \(reason)\(output.isEmpty ? "" : "; it said: \(output)")"
    case .secretParameter(let name):
      "the database address has the parameter '\(name)', which cannot be given to pg_dump without showing it to "
        + "everybody on this machine: use a key without a password that only the user of Odeum may read"
    }
  }
}
