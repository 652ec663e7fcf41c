import Client
import Hosting
import Hummingbird
import NIOCore

extension API.Problem {
  /// What `error` tells the one who asked. Nothing but its own id is told of an error that nobody foresaw.
  ///
  /// - Parameter elsewhere: what to do where there is nothing at the address.
  init(_ error: any Error, incident: String, elsewhere: String? = nil) {
    switch error {
    case let problem as API.Problem: self = problem
    case let error as HostingError where error.code != .internal: self.init(error)
    case let error as HTTPError: self.init(error, elsewhere: elsewhere)
    case is NIOTooManyBytesError:
      self.init(
        status: 413, code: "invalid", title: "The request's body is larger than 1 MiB.",
        suggestion: "Send less at once.")
    case let error where [.unavailable, .invalid].contains(HostingError(translating: error).code):
      // The control plane's own database, say, which is away, or cannot keep a text.
      self.init(HostingError(translating: error))
    default:
      self.init(
        status: 500, code: HostingError.Code.internal.rawValue,
        title: "Something went wrong inside Odeum. It is in the server's log under \(incident).",
        suggestion: "Try again; if it stays so, give that number to who runs the installation.",
        incident: incident)
    }
  }

  private init(_ error: HostingError) {
    self.init(
      status: error.isStale ? 412 : error.code.status, code: error.code.rawValue, title: error.message,
      suggestion: error.suggestion,
      fields: error.fields.isEmpty ? nil : error.fields.map { Field(name: $0.name, message: $0.message) })
  }

  /// Errors of the HTTP library: a path that is none, a parameter that cannot be read.
  private init(_ error: HTTPError, elsewhere: String?) {
    let status = error.status.code
    let code: HostingError.Code = status == 404 ? .notFound : .invalid
    self.init(
      status: status, code: code.rawValue,
      title: status == 404 ? "There is nothing at this address." : error.body ?? error.status.reasonPhrase,
      suggestion: status == 404 ? elsewhere : nil)
  }
}

extension HostingError.Code {
  /// The HTTP status that goes with the code.
  var status: Int {
    switch self {
    case .conflict: 409
    case .invalid: 422
    case .notFound: 404
    case .forbidden, .plan: 403
    case .unauthenticated: 401
    case .tooMany: 429
    case .unavailable: 503
    case .internal: 500
    }
  }
}
