import Crypto
import Docker
import Foundation

extension ContainerSpec {
  /// A hash of everything that makes a container what it is, its labels apart: two containers of equal fingerprint are
  /// interchangeable.
  var fingerprint: String {
    var plain = self
    plain.labels = [:]
    return SHA256.hash(data: plain.canonicalJSON).prefix(8).map { String(format: "%02x", $0) }.joined()
  }
}
