import CZlib
import HTTPTypes
import Hummingbird

/// Compression by gzip (RFC 1952), with zlib.
enum Gzip {
  /// `bytes` compressed; nil where zlib has no memory for it.
  static func compressed(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8]? {
    var stream = z_stream()
    // 15 bits of window, and 16 for the header of gzip instead of zlib's own.
    let began = deflateInit2_(
      &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard began == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    var input = bytes
    let status = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        return deflate(&stream, Z_FINISH)
      }
    }
    guard status == Z_STREAM_END else { return nil }
    output.removeLast(output.count - Int(stream.total_out))
    return output
  }
}

extension Request {
  /// Whether who asks takes what gzip has compressed.
  var takesGzip: Bool { headers[.acceptEncoding]?.contains("gzip") == true }
}

extension Response {
  /// A page, compressed where who asks takes that. No page repeats in one answer what another site may choose beside what
  /// it must not learn: sessions are in a cookie that is not sent with requests of other sites.
  static func page(_ html: String, status: HTTPResponse.Status = .ok, for request: Request) -> Response {
    guard request.takesGzip, let compressed = Gzip.compressed(Array(html.utf8)) else {
      return .page(html, status: status)
    }
    return Response(
      status: status,
      headers: [
        .contentType: "text/html; charset=utf-8", .contentEncoding: "gzip", .vary: "Accept-Encoding",
      ],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: compressed)))
  }
}
