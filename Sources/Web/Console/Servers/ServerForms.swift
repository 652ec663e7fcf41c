import Hosting

/// Where a server is and as whom one signs in, in the forms that add and edit one.
struct ServerPlaceFields {
  var address: TextField
  var port: TextField
  var user: TextField

  var all: [any FormField] { [address, port, user] }
}

/// What a server is used for, in the forms that add and edit one.
struct ServerUseFields {
  var stagePolicy: ChoiceField
  var exposed: CheckField
  var note: AreaField

  var all: [any FormField] { [stagePolicy, exposed, note] }
}

/// The folders that a server offers to its instances, in the forms that add and edit one.
struct ServerFolderFields {
  var shared: AreaField
  var filestores: AreaField

  var all: [any FormField] { [shared, filestores] }
}

/// The first part of adding a server: where it is.
struct NewServerPage: ConsolePage {
  static let template = "new-server"

  var problem: ProblemView?
  var name: TextField
  var place: ServerPlaceFields
}

/// The second part: its host key, and with what to sign in.
struct NewServerKeyPage: ConsolePage {
  static let template = "new-server-key"

  var problem: ProblemView?
  var title: String
  var fingerprint: String
  var type: String
  var command: CopyView
  var hidden: [AskPage.HiddenField]
  var back: String
  var confirmed: CheckField
  var way: ChoiceField
  var password: TextField
  var privateKey: AreaField
  var use: ServerUseFields
  var folders: ServerFolderFields
}

/// The form that changes a server.
struct EditServerPage: ConsolePage {
  static let template = "edit-server"

  var problem: ProblemView?
  var server: String
  var href: String
  /// Whether it is reached over SSH.
  var isRemote: Bool
  var name: TextField
  var use: ServerUseFields
  var folders: ServerFolderFields
  var place: ServerPlaceFields
  var hostKey: TextField
  var privateKey: AreaField
}

extension ServerPlaceFields {
  init(_ state: FormState, address: String = "", access: ServerAccess? = nil) {
    self.init(
      address: state.filling(
        TextField(
          name: "address", label: "Address", value: address, hint: "A host name or an IP address.",
          placeholder: "web1.example.com", autocomplete: "off", maximumLength: 253, required: true)),
      port: state.filling(.number("port", "SSH port", value: String(access?.port ?? 22))),
      user: state.filling(
        TextField(
          name: "user", label: "User", value: access?.user ?? "root",
          hint: "root, or one who may use sudo without a password.", autocomplete: "off", maximumLength: 64)))
  }
}

extension ServerUseFields {
  init(_ state: FormState, stagePolicy: Server.StagePolicy = .warn, exposed: Bool = false, note: String = "")
  {
    self.init(
      stagePolicy: state.filling(
        ChoiceField(
          name: "stagePolicy", label: "Production beside other stages",
          choices: [
            .init(value: "allow", label: "Allowed"), .init(value: "warn", label: "Allowed, with a warning"),
            .init(value: "refuse", label: "Refused"),
          ]
        ).choosing(stagePolicy.rawValue)),
      exposed: state.filling(
        CheckField(
          name: "exposed", label: "Open the ports of its instances to the network", checked: exposed,
          hint: "Without, they are reached on the server itself only, until they have a domain.")),
      note: state.filling(
        AreaField(
          name: "note", label: "Note", value: note, placeholder: "Rack 4, contract 1234", rows: 3,
          optional: true)))
  }
}

extension ServerFolderFields {
  init(_ state: FormState, shared: [HostFolder] = [], filestores: [HostFolder] = []) {
    self.init(
      shared: .folders(
        state, "sharedFolders", "Folders for shared addons", shared, such: "/srv/odoo/shared",
        "Every instance on it may read all of them, and write to none."),
      filestores: .folders(
        state, "filestoreFolders", "Folders for files", filestores, such: "/mnt/nas/odoo",
        "An instance that is set to use one has a folder of its own in it."))
  }
}

extension AreaField {
  /// Folders of a server, one a line; `effect` says what offering them does.
  fileprivate static func folders(
    _ state: FormState, _ name: String, _ label: String, _ folders: [HostFolder], such example: String,
    _ effect: String
  ) -> AreaField {
    state.filling(
      AreaField(
        name: name, label: label, value: folders.map(\.text).joined(separator: "\n"),
        hint: "One a line, each an absolute path on the server. \(effect)", placeholder: example, rows: 3,
        optional: true))
  }
}

extension Form {
  /// The lines of a field that say something; nil where the form has no such field.
  func lines(_ name: String) -> [String]? {
    guard has(name) else { return nil }
    return raw(name).split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }
}

extension AreaField {
  /// A private key, which no page shows again.
  static func privateKey(_ state: FormState, _ label: String, hint: String, rows: Int) -> AreaField {
    var field = state.filling(
      AreaField(
        name: "privateKey", label: label, hint: hint, placeholder: "-----BEGIN OPENSSH PRIVATE KEY-----",
        rows: rows,
        optional: true))
    field.value = ""
    return field
  }
}
