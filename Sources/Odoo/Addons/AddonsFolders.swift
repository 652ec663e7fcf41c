/// Where in a tree of source code Odoo finds modules.
///
/// A module is a folder with a `__manifest__.py` in it; an addons folder, which is what `addons_path` lists, is a
/// folder with modules in it (`odoo/modules/module.py`, all versions from 14.0).
public struct AddonsFolders: Hashable, Sendable {
  /// The file that makes a folder a module.
  public static let manifest = "__manifest__.py"

  /// The addons folders, relative to the tree and sorted: empty for the tree itself, `..` for the folder that
  /// the tree lies in, where the tree itself is a module.
  public var paths: [String]
  /// The modules by their technical names, sorted; where the tree itself is a module, its name is empty.
  public var modules: [String]

  /// The addons folders of a tree in which there are these manifests, by their paths relative to it. A manifest
  /// inside a module is data of that module: Odoo does not look there.
  public init(manifests: [String]) {
    let folders = manifests.map { Array($0.split(separator: "/").dropLast()) }
    let all = Set(folders)
    let own = folders.filter { folder in
      !(0..<folder.count).contains { all.contains(Array(folder.prefix($0))) }
    }
    paths = Set(own.map { $0.isEmpty ? ".." : $0.dropLast().joined(separator: "/") }).sorted()
    modules = Set(own.map { String($0.last ?? "") }).sorted()
  }

  /// Whether `path` can stand in `addons_path` as it is: a comma would end it, and Odoo expands `$` and `~`.
  public static func canBeListed(_ path: String) -> Bool {
    !path.contains { "$~,".contains($0) } && ConfText.fault(in: path) == nil
  }
}
