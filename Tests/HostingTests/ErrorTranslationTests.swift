import Postgres
import Testing

@testable import Hosting

@Suite struct ErrorTranslationTests {
  @Test func `a database without room is told as a fault of ours, or not tried again`() {
    var error = PostgresError(.server, "could not extend file \"base/1/2\": No space left on device")
    error.sqlState = "53100"
    let translated = HostingError(translating: error)
    #expect(translated.code == .unavailable && translated.isRetryable)
    #expect(translated.message.contains("could not extend file"))
    #expect(translated.suggestion?.contains("room on its disk") == true)
    error.sqlState = "22021"
    #expect(HostingError(translating: error).code == .invalid)
    error.sqlState = "42P01"
    #expect(HostingError(translating: error).code == .internal)
  }
}
