import Odoo

/// The code of one source at one commit, whole, as it lies on a server. It never changes: another commit is
/// another checkout.
struct ModuleCheckout: Sendable, Hashable, Codable {
  var source: ModuleSource
  /// The commit's full hash.
  var commit: String
  /// The first line of its message.
  var subject: String
  /// The folder that holds it, in the instance's folder of modules.
  var folder: String
  /// The folders with modules in it that go into `addons_path`, relative to the instance's folder of modules.
  var addons: [String]
  /// The modules in it.
  var modules: [String]

  /// The commit as people write it.
  var shortCommit: String { String(commit.prefix(10)) }

  /// The folder for a commit of `source`. It holds the code one level deeper, in `tree`, since a repository may
  /// itself be a module, and then it is the folder around it that Odoo searches.
  static func folder(of source: ModuleSource, at commit: String) -> String {
    "\(tree(of: source))-\(commit.prefix(16))"
  }

  /// The name of the folder with the code: that of the repository, as Python could import it.
  static func tree(of source: ModuleSource) -> String {
    let name = String(source.repository.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    return String(name.prefix(ModuleName.maximumLength))
  }

  /// The checkout in `folder` of a tree with these manifests.
  ///
  /// - Parameter manifests: paths relative to the tree.
  /// - Throws: `HostingError` with code `invalid` where there is no module that Odoo could be told of.
  init(of source: ModuleSource, commit: String, subject: String, manifests: [String]) throws {
    let tree = Self.tree(of: source)
    let folder = Self.folder(of: source, at: commit)
    let usable = manifests.filter(AddonsFolders.canBeListed)
    let found = AddonsFolders(manifests: usable)
    guard !found.paths.isEmpty else {
      throw HostingError(
        .invalid, "There is no module in \(source.title): no folder has a file \(AddonsFolders.manifest).",
        suggestion: "Check the repository and the branch.")
    }
    self.source = source
    self.commit = commit
    self.subject = subject
    self.folder = folder
    addons = found.paths.map { path in
      switch path {
      case "..": folder
      case "": "\(folder)/\(tree)"
      default: "\(folder)/\(tree)/\(path)"
      }
    }
    modules = found.modules.map { $0.isEmpty ? tree : $0 }
  }
}
