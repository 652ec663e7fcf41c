import Foundation

/// What marks everything of ours on a host: what carries these labels can be adopted, verified or removed
/// after any crash, and what does not is never touched.
enum Label {
  /// The installation that made the thing.
  static let installation = "odeum.installation"
  /// The instance that owns it.
  static let instance = "odeum.instance"
  /// That instance's name, for people.
  static let slug = "odeum.slug"
  /// The job that made it.
  static let operation = "odeum.operation"
  /// `odoo`, `database` or `mail`.
  static let role = "odeum.role"
  /// The key of the prepared database that it belongs to.
  static let prepared = "odeum.prepared"
  /// The hash of what a container was made from.
  static let spec = "odeum.spec"
}

/// The names of an instance's parts on a Docker host.
struct PartNames: Sendable {
  let slug: String

  var odoo: String { "odeum-\(slug)" }
  var database: String { "odeum-\(slug)-db" }
  /// The mail catcher.
  var mail: String { "odeum-\(slug)-mail" }
  var network: String { "odeum-\(slug)" }
  var files: String { "odeum-\(slug)-data" }
  var cluster: String { "odeum-\(slug)-db" }
  /// The one-off container that fills the volumes.
  var copier: String { "odeum-\(slug)-copy" }
}

extension Instance {
  /// What its parts on the server are called.
  var parts: PartNames { PartNames(slug: hostName ?? name.text) }
}
