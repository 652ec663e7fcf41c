import CQRencode
import Foundation

/// A text as a QR code, drawn as SVG.
struct QRCode {
  /// The picture as an address that an `img` takes.
  let dataAddress: String

  /// - Throws: `QRCodeFailure` where the text is longer than the largest code holds, 2,331 bytes.
  init(_ text: String) throws {
    // Version 0: the smallest that holds the text. M: a seventh of it may be hidden.
    guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { throw QRCodeFailure() }
    defer { QRcode_free(code) }
    let width = Int(code.pointee.width)
    var path = ""
    for row in 0..<width {
      for column in 0..<width where code.pointee.data[row * width + column] & 1 == 1 {
        path += "M\(column + Self.margin) \(row + Self.margin)h1v1h-1z"
      }
    }
    let size = width + 2 * Self.margin
    // Dark on light whatever the colours of the page: not every app reads it the other way round.
    let picture = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size) \(size)" shape-rendering="crispEdges">\
      <path fill="#fff" d="M0 0h\(size)v\(size)H0z"/><path d="\(path)"/></svg>
      """
    dataAddress = "data:image/svg+xml;base64,\(Data(picture.utf8).base64EncodedString())"
  }

  /// The quiet zone that ISO/IEC 18004 asks for, in modules.
  private static let margin = 4
}

/// The text is too long for a QR code.
struct QRCodeFailure: Error {}
