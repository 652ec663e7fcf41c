import HTTPTypes

extension HTTPField.Name {
  static let accelBuffering = named("X-Accel-Buffering")
  static let crossOriginOpenerPolicy = named("Cross-Origin-Opener-Policy")
  static let forwardedFor = named("X-Forwarded-For")
  static let forwardedHost = named("X-Forwarded-Host")
  static let forwardedProto = named("X-Forwarded-Proto")
  static let frameOptions = named("X-Frame-Options")
  static let idempotencyKey = named("Idempotency-Key")
  static let lastEventID = named("Last-Event-ID")
  static let organisation = named("Odeum-Organisation")
  static let referrerPolicy = named("Referrer-Policy")
  static let requestID = named("X-Request-Id")
  static let secFetchSite = named("Sec-Fetch-Site")

  /// The name in the source: it is a token of RFC 9110, or nothing here runs.
  private static func named(_ name: String) -> Self {
    guard let name = Self(name) else { preconditionFailure("\(name) is no header's name") }
    return name
  }
}
