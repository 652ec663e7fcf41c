import Hosting
import Hummingbird
import NIOCore

/// What is known of a request beside its own bytes.
public struct WebContext: RequestContext {
  /// What Hummingbird keeps.
  public var coreContext: CoreRequestContextStorage
  /// The IP address at the other end of the connection, nil on a Unix socket.
  let peer: String?
  /// The number under which the request stands in the log.
  let requestID: String
  /// Who asks; `nobody` until the request was admitted.
  var visitor = Visitor.nobody
  /// Asks again whether the visitor is who he was: a stream outlives a sign-out otherwise.
  var isStillAdmitted: @Sendable () async throws -> Bool = { true }

  /// The context of a request that came in on `source.channel`.
  public init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    requestID = source.logger[metadataKey: "hb.request.id"]?.description ?? RequestID().description
    peer = source.channel.remoteAddress?.ipAddress
  }

  /// The largest request body, in bytes.
  public var maxUploadSize: Int { 1 << 20 }

  /// Who asks.
  ///
  /// - Throws: `HostingError` with code `unauthenticated` where it is nobody.
  var actor: Actor {
    get throws {
      guard let actor = visitor.actor else { throw HostingError.nobody }
      return actor
    }
  }

  /// The part of the path that the route calls `name`, decoded.
  func parameter(_ name: String) throws -> String {
    let text = try parameters.require(name)
    guard let decoded = text.removingPercentEncoding else {
      throw HostingError(.invalid, "The path has a broken percent encoding.")
    }
    return decoded
  }
}

/// Who a request comes from.
enum Visitor: Sendable {
  /// No credentials.
  case nobody
  /// A browser with a session.
  case session(Actor)
  /// A program with an API token.
  case token(Actor)

  /// The person, if there is one.
  var actor: Actor? {
    switch self {
    case .nobody: nil
    case .session(let actor), .token(let actor): actor
    }
  }

  /// The same visitor, at that IP address.
  func coming(from address: String) -> Visitor {
    func placed(_ actor: Actor) -> Actor {
      var actor = actor
      actor.address = address
      return actor
    }
    return switch self {
    case .nobody: .nobody
    case .session(let actor): .session(placed(actor))
    case .token(let actor): .token(placed(actor))
    }
  }
}
