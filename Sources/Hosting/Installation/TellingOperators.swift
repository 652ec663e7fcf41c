import Postgres

/// Runs `body` for somebody at the machine; what it throws is said in the words of the domain, with everything that
/// helps to mend it.
func tellingOperators<Value: Sendable>(
  isolation: isolated (any _Concurrency.Actor)? = #isolation, _ body: () async throws -> sending Value
) async throws -> sending Value {
  do {
    return try await body()
  } catch let error as HostingError {
    throw error
  } catch let error as CancellationError {
    throw error
  } catch let error as DumpError {
    throw HostingError(.unavailable, "\(error).", suggestion: "Nothing was changed.")
  } catch let error as ClusterError {
    throw HostingError(.unavailable, "\(error).", suggestion: "Nothing was changed.")
  } catch let error as MigrationError {
    throw HostingError(.conflict, "The control plane's database cannot be used: \(error).")
  } catch let error as PostgresError {
    throw HostingError(
      .unavailable, "The control plane's database cannot be used: \(error).",
      suggestion: error.isConnectionLoss ? "Look whether it runs, and at DATABASE_URL." : nil)
  } catch {
    throw HostingError(translating: error)
  }
}
