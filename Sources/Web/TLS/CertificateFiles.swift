import Foundation
import NIOSSL

/// The files of a certificate and its private key, as certbot and others keep and renew them.
public struct CertificateFiles: Sendable, Equatable {
  /// PEM: the certificate, and behind it those that lead to its authority.
  public var certificate: String
  /// PEM: the private key, without a passphrase.
  public var key: String

  /// The files at these paths.
  public init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }

  /// What is in them.
  struct Content: Sendable {
    var chain: [NIOSSLCertificate]
    var key: NIOSSLPrivateKey

    /// When the certificate itself ends.
    var end: Date? {
      chain.first.map { Date(timeIntervalSince1970: TimeInterval($0.notValidAfter)) }
    }
  }

  /// Tells the files from what was in their place before, without reading them.
  struct Mark: Equatable {
    private var parts: [String] = []

    init(_ files: CertificateFiles) {
      parts = [files.certificate, files.key].map { path in
        var status = stat()
        // Behind symbolic links: certbot moves those.
        guard stat(path, &status) == 0 else { return "away \(errno)" }
        return
          "\(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_mode)"
      }
    }
  }

  /// Reads both.
  ///
  /// - Throws: `CertificateError` where one is missing, is none, or is for others to read, or where they do not belong
  ///   together.
  func read() throws -> Content {
    try refuseOpenKey()
    let chain = try reading(certificate, "certificate") { try NIOSSLCertificate.fromPEMBytes([UInt8]($0)) }
    guard !chain.isEmpty else { throw CertificateError.noPEM("certificate", certificate) }
    let key = try reading(key, "private key") { try NIOSSLPrivateKey(bytes: [UInt8]($0), format: .pem) }
    let content = Content(chain: chain, key: key)
    do {
      _ = try NIOSSLContext(configuration: .serving(content))
    } catch {
      throw CertificateError.doNotMatch(certificate: certificate, key: self.key)
    }
    return content
  }

  private func reading<Value>(_ path: String, _ what: String, _ read: (Data) throws -> Value) throws -> Value
  {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw CertificateError.unreadable(what, path, error.localizedDescription)
    }
    do {
      return try read(data)
    } catch {
      throw CertificateError.noPEM(what, path)
    }
  }

  private func refuseOpenKey() throws {
    var status = stat()
    guard stat(key, &status) == 0 else {
      throw CertificateError.unreadable("private key", key, String(cString: strerror(errno)))
    }
    guard status.st_mode & 0o007 == 0 else {
      throw CertificateError.openToOthers(key, String(status.st_mode & 0o777, radix: 8))
    }
  }
}

/// Why TLS cannot be served with the files that are there.
public enum CertificateError: Error, Equatable, CustomStringConvertible {
  /// A file cannot be read: what it should hold, its path, why.
  case unreadable(String, String, String)
  /// A file holds something else than it should.
  case noPEM(String, String)
  /// The key is another certificate's.
  case doNotMatch(certificate: String, key: String)
  /// Every user of the machine may read the key: its path and mode.
  case openToOthers(String, String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .unreadable(let what, let path, let reason):
      "The \(what) \(path) cannot be read: \(reason). Name the right file (ODEUM_TLS_CERTIFICATE, ODEUM_TLS_KEY), and let the user that runs odeumd read it."
    case .noPEM(let what, let path):
      "The file \(path) holds no \(what) in PEM, or one with a passphrase. It begins with a line such as “-----BEGIN \(what == "certificate" ? "CERTIFICATE" : "PRIVATE KEY")-----”."
    case .doNotMatch(let certificate, let key):
      "The private key \(key) is not the one of the certificate \(certificate). Name the two that were made together."
    case .openToOthers(let path, let mode):
      "Every user of this machine may use the private key \(path) (mode \(mode)). Take that away, and think of getting a new certificate: chmod o= \(path)"
    }
  }
}

extension TLSConfiguration {
  /// What serves HTTP/1.1 under `content`.
  static func serving(_ content: CertificateFiles.Content) -> TLSConfiguration {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: content.chain.map { .certificate($0) }, privateKey: .privateKey(content.key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    return configuration
  }
}
