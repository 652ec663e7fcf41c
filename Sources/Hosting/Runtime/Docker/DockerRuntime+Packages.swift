import Docker
import Foundation

/// Images with packages: a layer over an image, built on the server and named by the hash of what goes into it, so that
/// the same wish is built once.
extension DockerRuntime {
  /// The name of every such image, before its tag.
  static let packageImages = "odeum-packages"

  /// The id of the image of `recipe`, built unless the server has it.
  ///
  /// - Parameter fields: how the request calls the packages, for a fault with one.
  /// - Throws: `HostingError` with code `invalid` where a package does not exist.
  func image(
    _ recipe: PackageRecipe, fields: (debian: String, python: String), log: (String) -> Void
  ) async throws -> String {
    guard !recipe.isEmpty else { return recipe.base }
    if let image = try await engine.image(recipe.tag),
      image.labels[Label.installation] == installation.uuidString
    {
      log("There is an image with these packages: \(recipe.tag).")
      return image.id
    }
    guard let user = try await engine.image(recipe.base)?.user else {
      throw HostingError(
        .unavailable, "The image \(recipe.base) is not on \(server.name) any more.",
        suggestion: "Try again; a hard restart fetches it.")
    }
    log("Building an image with \((recipe.debian + recipe.python).joined(separator: ", ")).")
    return try await build(recipe, user: user, fields: fields, log: log)
  }

  private func build(
    _ recipe: PackageRecipe, user: String, fields: (debian: String, python: String), log: (String) -> Void
  ) async throws -> String {
    let dockerfile = recipe.dockerfile(user: user, labels: packageLabels)
    let spec = BuildSpec(
      context: TarArchive([ArchiveFile("Dockerfile", text: dockerfile)]), tag: recipe.tag)
    var said: [String] = []
    var last: String?
    do {
      for try await event in engine.build(spec) {
        switch event {
        case .log(let text):
          for line in text.split(whereSeparator: \.isNewline) {
            said.append(String(line))
            if let match = line.wholeMatch(of: #/ ---> ([0-9a-f]{12})/#) { last = String(match.1) }
            log(String(line))
          }
          if said.count > 400 { said.removeFirst(said.count - 200) }
        case .pull: break
        case .built(let id): return id
        }
      }
    } catch DockerError.buildFailed(let message) {
      if let last { await removeUnfinished(last, log: log) }
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

  /// Removes images with packages that nobody needs, and what builds that were cut off have left; one that Docker does not
  /// let go of stays.
  ///
  /// - Parameter kept: those that are needed now, by id or name; asked for each, since removing one takes its time.
  func removePackageImages(log: (String) -> Void, but kept: () async throws -> Set<String>) async throws {
    for image in try await engine.images(labels: packageLabels) {
      guard try await kept().isDisjoint(with: image.tags + [image.id]) else { continue }
      // One without a name may be what a build is at work on.
      if image.tags.isEmpty, -image.createdAt.timeIntervalSinceNow < Self.buildDeadline / .seconds(1) {
        continue
      }
      do {
        try await engine.removeImage(image.id)
      } catch DockerError.inUse {
        // A container has it, or a build goes on from it.
      } catch let error as DockerError where error.isAboutOneCall {
        log("The image \(image.tags.first ?? image.id) is not needed and stays for now: \(error.message)")
      }
    }
  }

  /// Removes how far a build came that failed, of which more is to be told than of what is left.
  ///
  /// - Parameter last: the id of the image up to which it came, or the beginning of it.
  private func removeUnfinished(_ last: String, log: (String) -> Void) async {
    do {
      guard let image = try await engine.image(last), image.tags.isEmpty,
        image.labels.contains(all: packageLabels)
      else { return }
      try await engine.removeImage(image.id)
    } catch DockerError.inUse {
      // Another build goes on from it.
    } catch {
      log("What the build has left, the image \(last), stays for now: \(error)")
    }
  }
}

extension DockerError {
  /// Whether the engine can be asked for other things all the same.
  fileprivate var isAboutOneCall: Bool {
    switch self {
    case .unreachable, .cutOff, .permissionDenied: false
    default: true
    }
  }
}

extension [String: String] {
  fileprivate func contains(all others: Self) -> Bool { others.allSatisfy { self[$0.key] == $0.value } }
}
