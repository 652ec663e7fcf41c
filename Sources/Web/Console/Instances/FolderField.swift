import Hosting

/// A folder of the server, to be chosen among those that it offers.
struct FolderField {
  var text: TextField
  /// Those that it offers, for choosing one.
  var offered: [String]
  /// Whether there is none to choose, and nothing to turn off.
  var isIdle: Bool

  /// - Parameters:
  ///   - offered: nil where the one who asks may not know them.
  ///   - hint: what is said of the folders, once they are named.
  init(
    _ name: String, _ label: String, value: HostFolder?, offered: [HostFolder]?, hint: (String) -> String,
    _ state: FormState
  ) {
    let names = offered?.map(\.text) ?? []
    self.offered = names
    isIdle = offered?.isEmpty == true && value == nil
    text = state.filling(
      TextField(
        name: name, label: label, value: value?.text ?? "", hint: hint(names.joined(separator: ", ")),
        placeholder: names.first, autocomplete: "off", maximumLength: HostFolder.maximumLength,
        list: names.isEmpty ? nil : "\(name)-offered", optional: true))
  }
}

extension FolderField {
  /// Where Odoo has modules from that the instances of the server share.
  static func sharedAddons(_ instance: Instance, _ server: Server?, _ state: FormState) -> Self {
    let name = instance.server.name
    return Self(
      "sharedAddons", "Folder on the server", value: instance.settings.sharedAddons,
      offered: server?.sharedFolders,
      hint: { offered in
        if server == nil {
          "A folder that \(name) offers to its instances, or one in it; empty is off. Who runs the server says which."
        } else if offered.isEmpty {
          "\(name) offers no folder to its instances. Who runs the server can offer some, under Servers, Edit."
        } else {
          "\(name) offers \(offered): one of these, or a folder in it. Empty is off."
        }
      }, state)
  }

  /// Where the instance has its files.
  static func externalFilestore(_ instance: Instance, _ server: Server?, _ state: FormState) -> Self {
    let name = instance.server.name
    return Self(
      "externalFilestore", "Folder for the files", value: instance.settings.externalFilestore,
      offered: server?.filestoreFolders,
      hint: { offered in
        if server == nil {
          "A folder that \(name) offers for files; empty is a volume of Docker’s. Who runs the server says which."
        } else if offered.isEmpty {
          "\(name) offers no folder for files. Who runs the server can offer some, under Servers, Edit."
        } else {
          "\(name) offers \(offered). Empty is a volume of Docker’s."
        }
      }, state)
  }
}
