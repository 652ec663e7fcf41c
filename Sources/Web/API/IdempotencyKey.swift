import Hosting
import Hummingbird

extension Request {
  /// The key that makes a repeated request the same request.
  ///
  /// - Throws: `HostingError` with code `invalid` where it is too long to be kept.
  var idempotencyKey: String? {
    get throws {
      guard let key = headers[.idempotencyKey], !key.isEmpty else { return nil }
      guard key.count <= 200 else {
        throw HostingError(
          .invalid, "The Idempotency-Key has more than 200 characters.", suggestion: "A UUID does well.",
          fields: [.init("Idempotency-Key", "It has at most 200 characters.")])
      }
      return key
    }
  }
}
