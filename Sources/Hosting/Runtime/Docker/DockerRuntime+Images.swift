import Docker
import Foundation

/// Getting images.
extension DockerRuntime {
  /// The id of the image `reference`, pulled unless the host has it.
  ///
  /// - Parameter progress: told how far the pull is, 0 to 1, and at what.
  /// - Throws: `HostingError` with code `unavailable` where the image is missing and cannot be pulled.
  func fetchImage(_ reference: String, progress: (Double, String) -> Void) async throws -> String {
    if let image = try await engine.image(reference) { return image.id }
    var layers: [String: (done: Int, total: Int)] = [:]
    do {
      for try await step in engine.pull(reference) {
        guard let layer = step.layer else { continue }
        if let total = step.total, total > 0 { layers[layer] = (step.current ?? 0, total) }
        let total = layers.values.reduce(0) { $0 + $1.total }
        let done = layers.values.reduce(0) { $0 + $1.done }
        if total > 0 {
          progress(
            Double(done) / Double(total), "\(reference): \(done / 1_000_000) of \(total / 1_000_000) MB")
        }
      }
    } catch let error as DockerError where error.isUnobtainableImage {
      throw HostingError(
        .unavailable,
        "The image \(reference) is not on \(server.name) and cannot be pulled: \(error.message)",
        suggestion:
          "Check the name and that \(server.name) reaches the registry (docker pull \(reference)); image names are set by ODEUM_ODOO_IMAGE, ODEUM_POSTGRES_IMAGE and ODEUM_MAIL_CATCHER_IMAGE."
      )
    }
    guard let image = try await engine.image(reference) else {
      throw HostingError(
        .unavailable, "The image \(reference) was pulled to \(server.name) and is not there.",
        suggestion: "Try again, or pull it by hand on the server: docker pull \(reference)")
    }
    return image.id
  }
}

extension DockerError {
  /// Whether an image cannot be had, for whatever reason.
  fileprivate var isUnobtainableImage: Bool {
    switch self {
    case .imageNotFound, .registryUnreachable, .registryRefused: true
    default: false
    }
  }
}
