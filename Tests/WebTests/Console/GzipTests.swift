import Foundation
import Testing

@testable import Web

@Suite struct GzipTests {
  @Test(arguments: [0, 1, 100, 100_000])
  func `what is compressed is what gunzip gives back`(length: Int) throws {
    let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * $0 % 251) }
    let file = FileManager.default.temporaryDirectory.appending(path: "gzip-\(UUID()).gz")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(try #require(Gzip.compressed(bytes))).write(to: file)
    let gunzip = Process()
    let pipe = Pipe()
    gunzip.executableURL = URL(filePath: "/bin/gzip")
    gunzip.arguments = ["--decompress", "--stdout", file.path]
    gunzip.standardOutput = pipe
    try gunzip.run()
    let output = try #require(try pipe.fileHandleForReading.readToEnd() ?? Data())
    gunzip.waitUntilExit()
    #expect(gunzip.terminationStatus == 0 && [UInt8](output) == bytes)
  }

  @Test func `pages and files are compressed for who takes that, and for nobody else`() async throws {
    try await browse("owner") { browser in
      for path in ["/instances", "/assets/console.css"] {
        let plain = try await browser.get(path)
        let small = try await browser.get(path, [.acceptEncoding: "gzip, br"])
        #expect(plain.headers[.contentEncoding] == nil && small.headers[.contentEncoding] == "gzip")
        #expect(
          small.headers[.vary] == "Accept-Encoding" && small.body.readableBytes < plain.body.readableBytes / 2
        )
      }
    }
  }
}
