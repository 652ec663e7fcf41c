import Foundation
import Hummingbird
import Remote

/// How the server is seen from outside, also through proxies that are trusted to tell.
struct Outside: Sendable {
  let publicURL: URL?
  let trustedProxies: [AddressRange]
  /// Whether this program itself serves TLS.
  var hasTLS = false

  /// The address of who asks: the last in `X-Forwarded-For` that is no trusted proxy.
  func address(_ request: Request, _ context: WebContext) -> String {
    guard isTrusted(context.peer) else { return context.peer ?? "" }
    // What is no address was not written by a proxy that is worth the trust.
    let hops = request.headers[values: .forwardedFor].flatMap { $0.split(separator: ",") }
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.contains("/") && AddressRange($0) != nil }
    return hops.last { !isTrusted($0) } ?? hops.first ?? context.peer ?? ""
  }

  /// Where the console is reached, without a slash at the end: as the operator set it, else as this request came.
  func ownAddress(_ request: Request, _ context: WebContext) -> String {
    if let publicURL {
      let text = publicURL.absoluteString
      return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
    return "\(scheme(request, context))://\(authority(request, context) ?? "localhost")"
  }

  /// Whether a browser that shows a page of ours would send `origin`.
  func isOwn(origin: String, _ request: Request, _ context: WebContext) -> Bool {
    guard let origin = URL(string: origin), let host = origin.host() else { return false }
    let authority = host + (origin.port.map { ":\($0)" } ?? "")
    if let publicURL, origin.scheme == publicURL.scheme, host == publicURL.host(),
      origin.port == publicURL.port
    {
      return true
    }
    return authority.lowercased() == self.authority(request, context)?.lowercased()
  }

  /// Whom the browser asked, with the port where it named one.
  private func authority(_ request: Request, _ context: WebContext) -> String? {
    (isTrusted(context.peer) ? request.headers[.forwardedHost] : nil) ?? request.head.authority
  }

  /// Whether the browser asked over TLS, as a scheme.
  private func scheme(_ request: Request, _ context: WebContext) -> String {
    let forwarded = isTrusted(context.peer) ? request.headers[.forwardedProto]?.lowercased() : nil
    if let forwarded, ["http", "https"].contains(forwarded) { return forwarded }
    return hasTLS ? "https" : "http"
  }

  private func isTrusted(_ address: String?) -> Bool {
    guard let address else { return !trustedProxies.isEmpty }
    return trustedProxies.contains { $0.contains(address) }
  }
}
