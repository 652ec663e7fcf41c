import Client
import Foundation
import Hosting
import Hummingbird

extension Request {
  /// The key that makes a repeated request the same request, bound to the `wish` that came with it.
  ///
  /// - Throws: `HostingError` with code `invalid` where it is too long to be kept.
  func idempotencyKey(of wish: some Encodable) throws -> IdempotencyKey? {
    guard let key = headers[.idempotencyKey], !key.isEmpty else { return nil }
    let encoder = API.encoder()
    encoder.outputFormatting.insert(.sortedKeys)
    return try IdempotencyKey(key, wish: encoder.encode(wish))
  }
}
