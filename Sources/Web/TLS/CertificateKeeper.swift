import Foundation
import Logging
import NIOSSL
import Synchronization

/// Holds the certificate under which TLS is served, and takes over a new one when its files change: who renews
/// certificates has no program to restart.
public final class CertificateKeeper: Sendable {
  private struct State {
    var content: CertificateFiles.Content
    var mark: CertificateFiles.Mark
    /// What was told last, so that it is not told again every few seconds.
    var complaint: CertificateError?
  }

  private let files: CertificateFiles
  private let state: Mutex<State>
  private let logger: Logger
  /// A certificate is worth a word this long before its end, in seconds.
  private static let warning: TimeInterval = 7 * 86_400

  /// Reads `files`.
  ///
  /// - Throws: `CertificateError` where they cannot be used.
  init(_ files: CertificateFiles, logger: Logger) throws {
    self.files = files
    self.logger = logger
    let mark = CertificateFiles.Mark(files)
    let content = try files.read()
    state = Mutex(State(content: content, mark: mark))
    tell(content)
  }

  /// How connections are served: each by what is held when it begins.
  var configuration: TLSConfiguration {
    var configuration = TLSConfiguration.serving(state.withLock { $0.content })
    configuration.sslContextCallback = { [self] _, promise in
      let content = state.withLock { $0.content }
      var override = NIOSSLContextConfigurationOverride()
      override.certificateChain = content.chain.map { .certificate($0) }
      override.privateKey = .privateKey(content.key)
      promise.succeed(override)
    }
    return configuration
  }

  /// Looks at the files every few seconds, until its task is cancelled.
  public func keepFresh() async {
    while (try? await Task.sleep(for: .seconds(2))) != nil { look() }
  }

  /// Takes over what is in the files now. What cannot be used is told, and what is held goes on: one of the two may not
  /// have been written yet.
  func look() {
    let mark = CertificateFiles.Mark(files)
    guard state.withLock({ $0.mark != mark || $0.complaint != nil }) else { return }
    do {
      let content = try files.read()
      state.withLock { $0 = State(content: content, mark: mark) }
      tell(content)
    } catch let error as CertificateError {
      let isNew = state.withLock { state in
        defer { state.complaint = error }
        return state.complaint != error
      }
      if isNew { logger.error("The certificate of the console was not renewed. \(error)") }
    } catch {
      logger.error("The certificate of the console was not renewed: \(error)")
    }
  }

  private func tell(_ content: CertificateFiles.Content) {
    guard let end = content.end else { return }
    let text = end.formatted(.iso8601)
    if end < Date(timeIntervalSinceNow: Self.warning) {
      logger.warning("The certificate \(files.certificate) ends at \(text): renew it")
    } else {
      logger.info("Serving TLS", metadata: ["certificate": "\(files.certificate)", "until": "\(text)"])
    }
  }
}
