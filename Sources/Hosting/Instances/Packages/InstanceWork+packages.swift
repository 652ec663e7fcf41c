import Foundation
import Odoo

extension InstanceWork {
  /// Builds the images with the packages that are wanted, unless the server has them, and notes which ones they are. Those
  /// that nobody needs any more go.
  func buildPackages() async throws {
    let packages = instance.settings.packages
    let known = try await hosting.instanceStore.images(of: instance.id, atOnce)
    guard !packages.isEmpty || known?.layered != nil else { return }
    var layered: ImageIDs
    repeat {
      // The images below may have been removed from the server.
      try await fetchImages()
      guard var images = try await hosting.instanceStore.images(of: instance.id, atOnce) else {
        throw HostingError.notFound("instance", instance.name.text)
      }
      let odoo = try await runtime.image(
        PackageRecipe(of: packages, onOdoo: images.odoo), fields: ("packages.odoo", "packages.python")
      ) { log($0) }
      let database = try await runtime.image(
        PackageRecipe(of: packages, onDatabase: images.database),
        fields: ("packages.database", "packages.database")
      ) { log($0) }
      images.layered = packages.isEmpty ? nil : .init(odoo: odoo, database: database)
      layered = ImageIDs(odoo: odoo, database: database)
      try await run.guarded { [images] in
        try await hosting.instanceStore.setImages(instance.id, images, $0)
      }
      // Another operation that had looked before these were wanted may have removed one meanwhile.
    } while try await !runtime.has(layered)
    try await removeUnneededPackages()
  }

  /// Removes images with packages that no instance is made from, or wants. What Docker does not let go of stays until
  /// the next time.
  ///
  /// - Parameter removed: an instance that needs none any more.
  func removeUnneededPackages(without removed: UUID? = nil) async throws {
    try await runtime.removePackageImages(log: { log($0) }) {
      let needs = try await hosting.instanceStore.packageNeeds(
        on: instance.server.id, but: removed, atOnce)
      return needs.reduce(into: []) { $0.formUnion($1.images) }
    }
  }
}

extension DockerRuntime {
  /// Makes the extensions that the database shall have and has not.
  ///
  /// - Throws: `HostingError` with code `invalid` where the server has no such extension.
  func ensureExtensions(_ plan: InstancePlan) async throws {
    for name in plan.instance.settings.postgres.extensions {
      let script = SQLScript.makingExtension(name, in: plan.instance.database)
      do {
        try await runSQL(script, in: plan.names.database)
      } catch let error as HostingError where error.code == .internal {
        let text = "PostgreSQL of \(plan.instance.name) could not make the extension “\(name)”."
        throw HostingError(
          .invalid, "\(text) \(error.message)",
          suggestion:
            "Correct it under Settings, PostgreSQL, or add the Debian package that brings it under Packages; then restart hard.",
          fields: [.init("postgres.extensions", text)])
      }
    }
  }
}
