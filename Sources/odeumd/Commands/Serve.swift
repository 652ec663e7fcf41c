import ArgumentParser
import Foundation
import Hosting
import Logging
import NIOCore
import Postgres
import ServiceLifecycle
import Web

/// Runs the control plane until it is told to stop.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve the console and the API, and work on operations.",
    discussion: """
      Without DATABASE_URL a private PostgreSQL is made in ODEUM_DATA and runs as long as this does. SIGTERM and \
      SIGINT stop it cleanly; what was under way goes on at the next start.
      """)

  func run() async throws {
    let settings = Settings()
    try settings(Settings.logFormat).begin(level: settings(Settings.logLevel))
    let logger = Logger(label: "odeumd")
    try await tellingFailures {
      let state = try await State.open(settings, logger: logger)
      try await serve(state, settings, logger)
    }
  }

  private func serve(_ state: State, _ settings: Settings, _ logger: Logger) async throws {
    let hosting = state.hosting
    let web = try WebServer(hosting: hosting, configuration: settings.web(), logger: logger)
    try await inviteFirstPerson(hosting, settings, logger)
    warnOfPlainHTTP(try settings.web(), logger)
    var services: [any Service] = []
    // Stopped in the reverse order: the web server first, the built-in PostgreSQL last.
    if let cluster = state.cluster { services.append(Running { await cluster.keepRunning() }) }
    services += try state.workers(settings)
    services += [
      Running { try await hosting.runAnnouncer() },
      Running { await hosting.runPost() },
    ]
    if let certificate = web.certificate { services.append(Running { await certificate.keepFresh() }) }
    services.append(web.application)
    let group = ServiceGroup(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    do {
      try await group.run()
      await state.close()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      await state.close()
      let listen = try settings(Settings.listen)
      throw HostingError(
        .conflict, "Another program listens on \(listen.host):\(listen.port).",
        suggestion: "End that program, or set ODEUM_LISTEN to another address and port.")
    } catch {
      await state.close()
      throw error
    }
  }

  /// Passwords that go over a network in the clear are the operator's to know of.
  private func warnOfPlainHTTP(_ web: WebConfiguration, _ logger: Logger) {
    guard web.isOpenToReaders else { return }
    logger.warning(
      "The console listens on \(web.host) without TLS: whoever is on the way can read passwords. Set ODEUM_TLS_CERTIFICATE and ODEUM_TLS_KEY, or ODEUM_LISTEN to 127.0.0.1 behind a proxy with TLS and PUBLIC_URL to its address."
    )
  }

  /// The first start prints a link with which the operator chooses a password; so does every further one
  /// until he has.
  private func inviteFirstPerson(_ hosting: Hosting, _ settings: Settings, _ logger: Logger) async throws {
    guard try await hosting.isUnclaimed() else { return }
    let secret = try await hosting.makeSignInLink(
      for: Hosting.firstEmail, purpose: .setPassword, lifetime: .seconds(24 * 3600))
    let link = try settings.consoleURL().appending(path: "sign-in/link").appending(
      queryItems: [URLQueryItem(name: "token", value: secret.reveal())])
    // To the terminal or the journal of whoever starts the program, not to the log: it is a key.
    FileHandle.standardOutput.write(
      Data(
        "\nChoose the password of \(Hosting.firstEmail) here, once, within 24 hours:\n\(link.absoluteString)\n\n"
          .utf8))
  }
}

/// A service that works until its task is cancelled.
struct Running: Service {
  let body: @Sendable () async throws -> Void

  init(_ body: @escaping @Sendable () async throws -> Void) {
    self.body = body
  }

  func run() async throws {
    do {
      try await cancelWhenGracefulShutdown(body)
    } catch is CancellationError {
      // Told to stop; a service that returns early would be an error, and this one does not.
    }
  }
}
