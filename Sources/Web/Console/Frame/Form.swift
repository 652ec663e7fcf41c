import Crypto
import Foundation
import Hosting
import Hummingbird

/// What a form sent: the first value of each name.
struct Form: Sendable {
  private var values: [String: String] = [:]

  /// A form with these values.
  init(_ values: [String: String] = [:]) { self.values = values }

  /// Reads `application/x-www-form-urlencoded`, as the URL Standard of the WHATWG has it. Lines end in a line feed.
  init(encoded text: String) {
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = Self.decoded(parts[0])
      if values[name] == nil { values[name] = parts.count == 2 ? Self.decoded(parts[1]) : "" }
    }
  }

  /// The value of `name` without white space around it, empty where it was not sent.
  subscript(name: String) -> String {
    (values[name] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The names of everything that was sent.
  var names: some Collection<String> { values.keys }

  /// The value of `name` as it was typed: a password, say.
  func raw(_ name: String) -> String { values[name] ?? "" }

  /// Whether `name` was sent at all, which is how a checked box is told.
  func has(_ name: String) -> Bool { values[name] != nil }

  /// Tells a form that is sent again from the same form with something else in it, which is another wish; empty where the
  /// form has no key. The key is a part of it, and known to nobody else: nothing in the form can be guessed from this.
  var submission: String {
    guard !self["key"].isEmpty else { return "" }
    var hash = SHA256()
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      hash.update(data: Data("\(name.utf8.count) \(name)\(value.utf8.count) \(value)".utf8))
    }
    return Data(hash.finalize()).base64EncodedString()
  }

  private static func decoded(_ text: Substring) -> String {
    let text = String(text).replacing("+", with: " ")
    return (text.removingPercentEncoding ?? text).replacing("\r\n", with: "\n")
  }
}

extension Request {
  /// The form in the body.
  ///
  /// - Throws: `HostingError` with code `invalid` where the body is no form.
  func form(_ context: WebContext) async throws -> Form {
    guard headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true else {
      throw HostingError(
        .invalid, "This address takes a form of the console.",
        suggestion: "Programs use the API, see /api/v1/openapi.yaml.")
    }
    let body = try await body.collect(upTo: context.maxUploadSize)
    return Form(encoded: String(buffer: body))
  }
}
