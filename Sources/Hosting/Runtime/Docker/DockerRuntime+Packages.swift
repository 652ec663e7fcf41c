import Crypto
import Docker
import Foundation
import Odoo
import Remote

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

/// What an image with packages is made of.
struct PackageRecipe: Sendable, Equatable {
  /// The id of the image below.
  var base: String
  var debian: [String]
  var python: [String]

  /// The image's name: its tag is a hash of everything that goes into it.
  var tag: String {
    let content = ["3", base] + debian.map { "debian \($0)" } + python.map { "python \($0)" }
    return "\(DockerRuntime.packageImages):\(DockerRuntime.mark(of: content))"
  }

  /// The Dockerfile. Every name in it was checked against an alphabet without anything that a shell reads, and stands
  /// behind `--`.
  ///
  /// - Parameter labels: they come first, so that what a build leaves that is cut off has them too.
  func dockerfile(user: String, labels: [String: String]) -> String {
    let labels = labels.sorted { $0.key < $1.key }.map { "\"\($0.key)\"=\"\($0.value)\"" }
    var lines = ["FROM \(base)", "LABEL \(labels.joined(separator: " "))", "USER root"]
    let install = "apt-get install --yes --no-install-recommends --"
    let ends = "rm -rf /var/lib/apt/lists/*"
    if !debian.isEmpty {
      lines.append(
        "RUN export DEBIAN_FRONTEND=noninteractive; apt-get update && \(install) \(words(debian)) && \(ends)")
    }
    if !python.isEmpty {
      lines.append(
        "RUN command -v pip3 >/dev/null || { export DEBIAN_FRONTEND=noninteractive; apt-get update && \(install) python3-pip && \(ends); }"
      )
      // Odoo's own Python is Debian's, which pip leaves alone unless told (PEP 668); older pips ignore the variable.
      lines.append(
        "RUN PIP_BREAK_SYSTEM_PACKAGES=1 pip3 install --no-cache-dir --disable-pip-version-check -- \(words(python))"
      )
    }
    if !user.isEmpty { lines.append("USER \(user)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Quoted, since a version may have `<`, `>` or `*`.
  private func words(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: " ") }

  /// Why the image could not be built, from what apt or pip said.
  func failure(
    said: [String], message: String, on server: String, fields: (debian: String, python: String)
  ) -> HostingError {
    for line in said.reversed() {
      if let match = line.firstMatch(of: #/Unable to locate package (\S+)/#)
        ?? line.firstMatch(of: #/Package '?(\S+?)'? has no installation candidate/#)
      {
        return Self.unknown("Debian", String(match.1), fields.debian)
      }
      if let match = line.firstMatch(of: #/No matching distribution found for (\S+)/#) {
        return Self.unknown("Python", String(match.1), fields.python)
      }
    }
    return HostingError(
      .unavailable,
      "The image with packages could not be built on \(server): \(said.suffix(3).joined(separator: " ")) \(message)",
      suggestion: "The job’s log has everything that apt and pip said. Change the packages, or try again.")
  }

  private static func unknown(_ kind: String, _ name: String, _ field: String) -> HostingError {
    let text = "There is no \(kind) package “\(name)” for this image."
    return HostingError(
      .invalid, text, suggestion: "Correct it under Settings, Packages; then restart hard.",
      fields: [.init(field, text)])
  }
}
