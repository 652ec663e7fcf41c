/// What one instance needs of images with packages.
struct PackageNeed: Sendable, Equatable {
  /// What it was noted to be made from next; nil where nothing was.
  var noted: ImageIDs?
  /// What it is made from; nil where nothing has taken effect.
  var inEffect: ImageIDs?
  /// The packages in its settings.
  var wanted: InstancePackages

  /// The images that stay for it, by id; those that it wants by name, since they may be about to be built.
  var images: Set<String> {
    var images: Set<String> = []
    for layered in [noted, inEffect].compactMap({ $0?.layered }) {
      images.formUnion([layered.odoo, layered.database])
    }
    if let noted {
      let recipes = [
        PackageRecipe(of: wanted, onOdoo: noted.odoo), .init(of: wanted, onDatabase: noted.database),
      ]
      images.formUnion(recipes.filter { !$0.isEmpty }.map(\.tag))
    }
    return images
  }
}
