import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix

extension ClientError {
  /// `error` of the network told in words; errors that tell it themselves stay as they are.
  static func understood(_ error: any Error, at address: ServerAddress) -> any Error {
    switch error {
    case is API.Problem, is ClientError, is CancellationError: error
    case let error as NIOConnectionError: connection(error, at: address)
    case let error as IOError where [ECONNRESET, EPIPE].contains(error.errnoCode):
      ClientError(
        kind: .interrupted, message: "\(address) cut the connection.",
        suggestion: "try again; if it stays so, read odeumd’s log")
    case is ChannelError:
      ClientError(
        kind: .interrupted, message: "\(address) closed the connection.",
        suggestion: "try again; if it stays so, read odeumd’s log")
    case is IOError: refused([error], at: address)
    case let error as HTTPClientError: http(error, at: address)
    case is NIOTooManyBytesError: foreign(address, "answered with more than any answer has")
    default: other(error, at: address)
    }
  }

  private static func connection(_ error: NIOConnectionError, at address: ServerAddress) -> ClientError {
    if error.connectionErrors.isEmpty {
      return ClientError(
        kind: .unreachable, message: "The name \(error.host) cannot be found.",
        suggestion: "check the address’s spelling and this machine’s DNS")
    }
    return refused(error.connectionErrors.map(\.error), at: address)
  }

  /// What the attempts to connect to each of the host's addresses came to.
  private static func refused(_ errors: [any Error], at address: ServerAddress) -> ClientError {
    let codes = errors.compactMap { ($0 as? IOError)?.errnoCode }
    if codes.contains(ECONNREFUSED) {
      return ClientError(
        kind: .unreachable, message: "Nothing listens at \(address) (connection refused).",
        suggestion: "start odeumd there, or check host and port")
    }
    if codes.contains(ENETUNREACH) || codes.contains(EHOSTUNREACH) {
      return ClientError(
        kind: .unreachable, message: "There is no way to \(address) from this machine (host unreachable).",
        suggestion: "check the network, VPN and firewall")
    }
    let causes = errors.map { String(describing: $0) }.joined(separator: "; ")
    return ClientError(
      kind: .unreachable, message: "No connection to \(address): \(causes).",
      suggestion: "check the network, and that odeumd runs there")
  }

  private static func http(_ error: HTTPClientError, at address: ServerAddress) -> any Error {
    switch error {
    case .cancelled, .requestStreamCancelled: CancellationError()
    case .connectTimeout, .getConnectionFromPoolTimeout:
      ClientError(
        kind: .unreachable, message: "\(address) took no connection in time.",
        suggestion: "check host and port; a firewall that drops packets looks like this")
    case .tlsHandshakeTimeout:
      ClientError(
        kind: .untrusted, message: "\(address) did not finish the TLS handshake in time.",
        suggestion: "check that HTTPS is served on that port, or use http://")
    case .readTimeout, .deadlineExceeded:
      ClientError(
        kind: .interrupted, message: "\(address) took the request, but did not answer in time.",
        suggestion: "try again; if it stays so, read odeumd’s log")
    case .remoteConnectionClosed, .uncleanShutdown:
      ClientError(
        kind: .interrupted, message: "\(address) closed the connection before its answer was complete.",
        suggestion: "try again; if it stays so, read odeumd’s log")
    default:
      ClientError(
        kind: .interrupted, message: "The request to \(address) failed: \(error.shortDescription).",
        suggestion: "try again; if it stays so, read odeumd’s log")
    }
  }

  /// Errors of TLS come as types of a library that nothing else here needs; their text names the cause.
  private static func other(_ error: any Error, at address: ServerAddress) -> ClientError {
    let text = String(describing: error)
    if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("unableToValidateCertificate") {
      return ClientError(
        kind: .untrusted, message: "The certificate of \(address) is not trusted by this machine.",
        suggestion:
          "check the host’s name in the address; add a private authority with update-ca-certificates")
    }
    if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
      return ClientError(
        kind: .untrusted, message: "\(address) does not speak TLS.",
        suggestion: "use http:// if it is this machine or a trusted network")
    }
    if text.contains("SSL") {
      return ClientError(
        kind: .untrusted, message: "TLS with \(address) failed: \(text).",
        suggestion: "check the server’s certificate and the address")
    }
    return ClientError(
      kind: .interrupted, message: "The request to \(address) failed: \(text).",
      suggestion: "try again; if it stays so, read odeumd’s log")
  }
}
