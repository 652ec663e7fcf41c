/// What an image with packages is made of.
struct PackageRecipe: Sendable, Equatable {
  /// The id of the image below.
  var base: String
  var debian: [String]
  var python: [String]

  /// Whether there is nothing to add, so that the image below is what is wanted.
  var isEmpty: Bool { debian.isEmpty && python.isEmpty }

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

extension PackageRecipe {
  /// What an instance with `packages` runs its Odoo from.
  init(of packages: InstancePackages, onOdoo image: String) {
    self.init(base: image, debian: packages.odoo, python: packages.python)
  }

  /// What an instance with `packages` runs its database from.
  init(of packages: InstancePackages, onDatabase image: String) {
    self.init(base: image, debian: packages.database, python: [])
  }
}
