import Foundation
import Logging
import NIOSSL
import Testing

@testable import Web

/// Certificates made by openssl, in a folder that goes away.
struct TestCertificates {
  let folder: String

  static func within(_ body: (TestCertificates) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(TestCertificates(folder: folder))
  }

  var files: CertificateFiles {
    CertificateFiles(certificate: "\(folder)/certificate.pem", key: "\(folder)/key.pem")
  }

  /// Makes a certificate and its key as `name`, good for `days`.
  func make(_ name: String, key: [String] = ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]) throws {
    let openssl = Process()
    openssl.executableURL = URL(filePath: "/usr/bin/openssl")
    openssl.arguments =
      ["req", "-x509", "-newkey"] + key + [
        "-nodes", "-days", "30", "-subj", "/CN=\(name)", "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-keyout", "\(folder)/\(name).key", "-out", "\(folder)/\(name).pem",
      ]
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
    #expect(openssl.terminationStatus == 0)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(folder)/\(name).key")
  }

  /// Puts the certificate `name` in its place, and the key of `key`.
  func place(_ name: String, key: String? = nil) throws {
    for (from, to) in [("\(name).pem", files.certificate), ("\(key ?? name).key", files.key)] {
      let new = "\(folder)/new-\(UUID().uuidString)"
      try FileManager.default.copyItem(atPath: "\(folder)/\(from)", toPath: new)
      #expect(rename(new, to) == 0)
    }
  }

  func keeper() throws -> CertificateKeeper {
    try CertificateKeeper(files, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
  }
}

@Suite struct TLSTests {
  @Test func `what cannot be served is refused with its file and what to do`() async throws {
    try await TestCertificates.within { made in
      func refusal() -> String? {
        do {
          _ = try made.keeper()
          return nil
        } catch { return "\(error)" }
      }
      #expect(try #require(refusal()).contains("\(made.files.key) cannot be read"))
      try made.make("one")
      try made.make("two")
      try made.place("one", key: "two")
      #expect(try #require(refusal()).contains("is not the one of the certificate"))
      try made.place("one")
      #expect(refusal() == nil)
      for (mode, isRefused) in [(0o644, true), (0o604, true), (0o601, true), (0o640, false), (0o400, false)] {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: made.files.key)
        #expect((refusal()?.contains("chmod o=") ?? false) == isRefused, "\(String(mode, radix: 8))")
      }
      try FileManager.default.removeItem(atPath: made.files.certificate)
      #expect(try #require(refusal()).contains("\(made.files.certificate) cannot be read"))
      try Data("no certificate".utf8).write(to: URL(filePath: made.files.certificate))
      #expect(try #require(refusal()).contains("holds no certificate in PEM"))
      try made.place("one")
      try Data("no key".utf8).write(to: URL(filePath: made.files.key))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: made.files.key)
      #expect(try #require(refusal()).contains("holds no private key in PEM"))
    }
  }

  @Test func `a new certificate takes the place of the old one, and half of one does not`() async throws {
    try await TestCertificates.within { made in
      try made.make("old", key: ["rsa:2048"])
      try made.make("new")
      try made.place("old")
      let keeper = try made.keeper()
      let old = try keeper.held
      keeper.look()
      #expect(try keeper.held == old)
      try made.place("new", key: "old")
      keeper.look()
      #expect(try keeper.held == old, "a certificate was taken over without its key")
      try made.place("new")
      keeper.look()
      #expect(try keeper.held != old)
      let new = try keeper.held
      try FileManager.default.removeItem(atPath: made.files.key)
      keeper.look()
      #expect(try keeper.held == new, "what serves was given up")
    }
  }
}

extension CertificateKeeper {
  /// The certificate that the next connection is served under.
  fileprivate var held: [NIOSSLCertificateSource] {
    get throws { configuration.certificateChain }
  }
}
