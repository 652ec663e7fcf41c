import Crypto
import Foundation
import Hummingbird

/// The console's styles, scripts and pictures, read once and served from memory. The address of each has a mark of its
/// content, so that browsers keep it for good and still get a new one after an upgrade.
struct Assets: Sendable {
  /// One file.
  struct Asset: Sendable {
    let bytes: [UInt8]
    let type: String
    /// The beginning of the content's SHA-256, in hexadecimal.
    let mark: String
    /// The same bytes compressed by gzip.
    let gzipped: [UInt8]?

    init(_ bytes: [UInt8], type: String) {
      self.bytes = bytes
      self.type = type
      gzipped = Gzip.compressed(bytes, level: 9)
      mark = SHA256.hash(data: bytes).prefix(6).map { String(format: "%02x", $0) }.joined()
    }
  }

  private(set) var files: [String: Asset] = [:]

  /// Reads every file below `directory`.
  ///
  /// - Throws: `AssetError` where the folder cannot be read or a script of another project was not fetched.
  init(directory: URL) throws {
    guard let names = FileManager.default.enumerator(atPath: directory.path) else {
      throw AssetError(reason: "The folder \(directory.path) cannot be read.")
    }
    for case let name as String in names {
      guard let type = Self.types[(name as NSString).pathExtension] else { continue }
      let bytes = [UInt8](try Data(contentsOf: directory.appending(path: name)))
      files[name] = Asset(bytes, type: type)
    }
    try bundleStyles()
    for name in Self.fetched where files[name] == nil {
      throw AssetError(reason: "\(name) is missing: run Sources/Web/Console/fetch-assets, then build again.")
    }
  }

  /// Makes one style sheet of all, since each would hold up the first sight of a page; without remarks and indentation.
  private mutating func bundleStyles() throws {
    var text = ""
    for name in Self.styles {
      guard let part = files.removeValue(forKey: name) else {
        throw AssetError(reason: "\(name) is missing.")
      }
      text += String(decoding: part.bytes, as: UTF8.self)
    }
    text = text.replacing(#/\/\*.*?\*\//#.dotMatchesNewlines(), with: "").replacing(#/\n\s*/#, with: "\n")
    files["console.css"] = Asset(Array(text.utf8), type: Self.types["css"] ?? "")
  }

  /// The address of the asset `name`, nil where there is none.
  func address(_ name: String) -> String? {
    files[name].map { "/assets/\(name)?\($0.mark)" }
  }

  /// Declares a route for each file, so that no other file can be asked for.
  func addRoutes(to routes: Routes) {
    for (name, asset) in files {
      routes.get("/assets/\(name)", .open) { request, _ in
        // Asked for without its mark, say by a module that imports another, it is looked at again each time.
        let isMarked = request.uri.query == asset.mark
        var headers: HTTPFields = [
          .contentType: asset.type, .eTag: "\"\(asset.mark)\"", .vary: "Accept-Encoding",
          .cacheControl: isMarked ? "public, max-age=31536000, immutable" : "no-cache",
        ]
        var bytes = asset.bytes
        if request.takesGzip, let gzipped = asset.gzipped {
          headers[.contentEncoding] = "gzip"
          bytes = gzipped
        }
        return Response(
          status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
      }
    }
  }

  /// The style sheets in their order: later ones build on earlier ones.
  private static let styles = ["base.css", "layout.css", "components.css", "forms.css", "pages.css"]

  /// What comes from other projects and is not under version control.
  private static let fetched = ["vendor/htmx.min.js", "vendor/htmx-sse.min.js"]

  private static let types = [
    "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
  ]
}

/// The console's files cannot be used.
struct AssetError: Error, CustomStringConvertible {
  var reason: String

  var description: String { "The console cannot be served. \(reason)" }
}
