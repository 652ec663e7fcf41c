import Remote

/// The way to a repository's host that was looked at and found permitted: git connects there and nowhere else, whatever
/// the name leads to a moment later and whatever the host answers.
struct RepositoryRoute: Sendable, Hashable {
  /// The host as the repository's address names it.
  var host: String
  /// The port.
  var port: Int
  /// The IP address, as a number.
  var address: String

  /// The oldest git that keeps to an address over HTTP (`http.curloptResolve`, git 2.37).
  static let oldestGit = (major: 2, minor: 37)

  /// Settings of git. A redirect would lead elsewhere; without it, git follows no alternates either.
  var configuration: [Word] {
    let target = address.contains(":") ? "[\(address)]" : address
    let pin: [Word] = host == address ? [] : ["-c", "http.curloptResolve=\(host):\(port):\(target)"]
    return ["-c", "http.followRedirects=false"] + pin
  }

  /// Options of ssh. The host's key stays the one of its name.
  var sshOptions: String { "-o HostName=\(address) -o HostKeyAlias=\(host) -o ProxyCommand=none" }
}

extension AddressPolicy {
  /// The way to `repository`, whose host has `addresses`; nil where it may not be gone.
  func route(to repository: RepositoryAddress, at addresses: [String]) -> RepositoryRoute? {
    let host = repository.host
    // What looks up names reads `127.1` and `0x7f.1` in ways of its own; a dot at the end makes it another name.
    guard let address = addresses.first(where: permits), !host.hasSuffix("."),
      !host.endsInNumber || host == address || host.contains(":")
    else { return nil }
    return RepositoryRoute(host: host.contains(":") ? address : host, port: repository.port, address: address)
  }
}

extension String {
  /// Whether it is an IPv4 address in one of the ways to write one (URL Standard of the WHATWG, section 3.5).
  fileprivate var endsInNumber: Bool {
    guard let last = split(separator: ".").last?.lowercased() else { return false }
    return last.allSatisfy(\.isNumber) || (last.hasPrefix("0x") && last.dropFirst(2).allSatisfy(\.isHexDigit))
  }
}
