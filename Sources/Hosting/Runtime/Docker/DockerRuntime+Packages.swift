import Docker
import Foundation

/// Images with packages: a layer over an image, built on the server and named by the hash of what goes into it, so that
/// the same wish is built once.
extension DockerRuntime {
  /// The name of every such image, before its tag.
  static let packageImages = "odeum-packages"

  /// The id of `base` with these packages in it, built unless the server has it.
  ///
  /// - Parameter field: how the request calls the packages, for a fault with one.
  /// - Throws: `HostingError` with code `invalid` where a package does not exist.
  func image(
    _ base: String, withDebian debian: [String], python: [String] = [],
    fields: (debian: String, python: String),
    log: (String) -> Void
  ) async throws -> String {
    guard !debian.isEmpty || !python.isEmpty else { return base }
    let recipe = PackageRecipe(base: base, debian: debian, python: python)
    if let image = try await engine.image(recipe.tag),
      image.labels[Label.installation] == installation.uuidString
    {
      log("There is an image with these packages: \(recipe.tag).")
      return image.id
    }
    guard let user = try await engine.image(base)?.user else {
      throw HostingError(
        .unavailable, "The image \(base) is not on \(server.name) any more.",
        suggestion: "Try again; a hard restart fetches it.")
    }
    log("Building an image with \((debian + python).joined(separator: ", ")).")
    return try await build(recipe, user: user, fields: fields, log: log)
  }

  private func build(
    _ recipe: PackageRecipe, user: String, fields: (debian: String, python: String), log: (String) -> Void
  ) async throws -> String {
    let dockerfile = recipe.dockerfile(user: user, labels: packageLabels)
    let spec = BuildSpec(
      context: TarArchive([ArchiveFile("Dockerfile", text: dockerfile)]), tag: recipe.tag)
    var said: [String] = []
    do {
      for try await event in engine.build(spec) {
        switch event {
        case .log(let text):
          for line in text.split(whereSeparator: \.isNewline) {
            said.append(String(line))
            log(String(line))
          }
          if said.count > 400 { said.removeFirst(said.count - 200) }
        case .pull: break
        case .built(let id): return id
        }
      }
    } catch DockerError.buildFailed(let message) {
      try await removeUnfinished(said)
      throw recipe.failure(said: said, message: message, on: server.name, fields: fields)
    }
    guard let image = try await engine.image(recipe.tag) else {
      throw HostingError(
        .unavailable, "The image \(recipe.tag) was built on \(server.name) and is not there.",
        suggestion: "Try again.")
    }
    return image.id
  }

  /// What every such image is labelled with, and everything on the way to one.
  private var packageLabels: [String: String] {
    [Label.installation: installation.uuidString, Label.role: "packages"]
  }

  /// How long a build may take.
  static let buildDeadline = Duration.seconds(3600)

  /// Removes images with packages that none of `kept` is, and what builds that were cut off have left; one that a container
  /// still has stays.
  func removePackageImages(but kept: Set<String>) async throws {
    for image in try await engine.images(labels: packageLabels) where !kept.contains(image.id) {
      // One without a name may be what a build is at work on.
      if image.tags.isEmpty, -image.createdAt.timeIntervalSinceNow < Self.buildDeadline / .seconds(1) {
        continue
      }
      try await removeUnused(image.id)
    }
  }

  /// Removes how far a build came that failed.
  private func removeUnfinished(_ said: [String]) async throws {
    guard let last = said.compactMap({ $0.wholeMatch(of: #/ ---> ([0-9a-f]{12})/#)?.1 }).last,
      let image = try await engine.image(String(last)), image.tags.isEmpty,
      image.labels.contains(all: packageLabels)
    else { return }
    try await removeUnused(image.id)
  }

  private func removeUnused(_ image: String) async throws {
    do {
      try await engine.removeImage(image)
    } catch DockerError.inUse {
      // A container has it, or another build goes on from it.
    }
  }
}

extension [String: String] {
  fileprivate func contains(all others: Self) -> Bool { others.allSatisfy { self[$0.key] == $0.value } }
}
