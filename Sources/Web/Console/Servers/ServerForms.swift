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
  var sharedFolders: AreaField
  var filestoreFolders: AreaField
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
