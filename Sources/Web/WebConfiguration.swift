import Foundation
import Remote

/// Where the web server listens and how it is seen from outside.
public struct WebConfiguration: Sendable {
  /// The address that it binds to.
  public var host = "127.0.0.1"
  /// The port that it binds to; 0 lets the system choose.
  public var port = 8600
  /// The address under which people reach it. With `https` cookies are sent over TLS only.
  public var publicURL: URL?
  /// The files of the certificate under which it serves TLS itself; nil where it does not.
  public var certificate: CertificateFiles?
  /// The proxies whose `X-Forwarded-…` headers are believed.
  public var trustedProxies: [AddressRange] = []
  /// After how long an open stream says that it lives, and asks whether who listens still may.
  public var heartbeat = Duration.seconds(15)

  /// How many requests a second an API token may make in the long run; ten times as many at once.
  public var tokenRequestsPerSecond = 100.0
  /// How many tokens that are none an address may show at once; after that, one every other second.
  var strangeTokensAtOnce = 30.0

  /// The defaults: plain HTTP on this machine.
  public init() {}

  /// Whether others than this machine may reach it, and nothing says that they do over TLS.
  public var isOpenToReaders: Bool {
    !isSecure && !["127.0.0.1", "::1", "localhost"].contains(host)
  }

  /// Whether browsers reach it over TLS.
  var isSecure: Bool { certificate != nil || publicURL?.scheme?.lowercased() == "https" }
}
