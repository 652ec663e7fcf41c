import Hosting
import Hummingbird

/// Where in the console the pages of one organisation are: `/o/SLUG/…`.
///
/// Pages, forms and redirects name addresses without that beginning. It is put before them where an answer leaves, so
/// that no page has to know in which organisation it stands.
struct OrganisationPlace: Sendable {
  /// What stands before the paths of every organisation's pages.
  static let root = "/o/"
  /// First segments of addresses that belong to no organisation.
  private static let elsewhere: Set<Substring> = [
    "o", "api", "assets", "healthz", "invitation", "organisations", "readyz", "sign-in", "sign-out",
    "theme",
  ]

  let slug: String

  /// The place that `path` is in; nil where it names no organisation.
  init?(path: String) {
    guard path.hasPrefix(Self.root) else { return nil }
    let slug = path.dropFirst(Self.root.count).prefix { $0 != "/" }
    guard !slug.isEmpty else { return nil }
    self.slug = String(slug)
  }

  /// The place of the organisation with that slug.
  init(slug: String) { self.slug = slug }

  /// `address` in this place, where it is one of ours that belongs to an organisation and names none yet.
  func address(_ address: String) -> String {
    Self.belongsToOrganisation(Array(address.utf8)) ? "/o/\(slug)\(address)" : address
  }

  /// `html` with every address in it in this place.
  func placing(_ html: String) -> String {
    var placed: [UInt8] = []
    let bytes = Array(html.utf8)
    placed.reserveCapacity(bytes.count + bytes.count / 16)
    let beginning = Array("/o/\(slug)".utf8)
    var last = 0
    for index in bytes.indices where bytes[index] == UInt8(ascii: "/") {
      // What people wrote has no quotation mark left in it, so this is an attribute of a template of ours.
      guard index >= 2, bytes[index - 1] == UInt8(ascii: "\""), bytes[index - 2] == UInt8(ascii: "="),
        Self.isAddress(attributeBefore: index - 2, in: bytes),
        Self.belongsToOrganisation(bytes[index...].prefix { $0 != UInt8(ascii: "\"") })
      else { continue }
      placed += bytes[last..<index]
      placed += beginning
      last = index
    }
    placed += bytes[last...]
    return String(decoding: placed, as: UTF8.self)
  }

  private static let attributes = ["href", "src", "action", "hx-get", "hx-post", "sse-connect"].map {
    Array($0.utf8)
  }

  private static func isAddress(attributeBefore end: Int, in bytes: [UInt8]) -> Bool {
    let space = UInt8(ascii: " ")
    guard let start = bytes[max(0, end - 16)..<end].lastIndex(of: space) else { return false }
    return attributes.contains { bytes[(start + 1)..<end].elementsEqual($0) }
  }

  /// Whether the path `bytes` begin with is one of an organisation.
  private static func belongsToOrganisation(_ bytes: some Collection<UInt8>) -> Bool {
    // Two slashes begin the name of another host.
    guard bytes.first == UInt8(ascii: "/"), bytes.dropFirst().first != UInt8(ascii: "/") else { return false }
    let segment = bytes.dropFirst().prefix { byte in
      byte != UInt8(ascii: "/") && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
    }
    return !elsewhere.contains(Substring(decoding: segment, as: UTF8.self))
  }
}

extension Request {
  /// The slug of the organisation that the request is about, as its path or a header says; nil where it does not say.
  var organisation: String? {
    OrganisationPlace(path: uri.path)?.slug ?? headers[.organisation].flatMap { $0.isEmpty ? nil : $0 }
  }
}
