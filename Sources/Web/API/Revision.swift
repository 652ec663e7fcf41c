import Hosting

/// The revision of an instance's settings as an ETag.
struct Revision: Equatable {
  let number: Int

  init(_ number: Int) { self.number = number }

  /// What `If-Match` says; nil for `*`, which takes any revision.
  ///
  /// - Throws: `HostingError` with code `invalid`.
  init?(header: String) throws {
    let text = header.trimmingPrefix("W/")
    if text == "*" { return nil }
    guard text.count > 2, text.first == "\"", text.last == "\"", let number = Int(text.dropFirst().dropLast())
    else {
      throw HostingError(
        .invalid, "If-Match “\(header)” is no ETag of an instance.",
        suggestion: "Send the ETag that GET on the instance answered, or leave If-Match out.",
        fields: [.init("If-Match", "It must be an ETag of the instance.")])
    }
    self.number = number
  }

  /// The ETag.
  var text: String { "\"\(number)\"" }
}
