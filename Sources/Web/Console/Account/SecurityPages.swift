/// How a person signs in, and where he is signed in.
struct SecurityPage: ConsolePage {
  static let template = "security"

  var problem: ProblemView?
  var change = PasswordForm()
  /// Whether a link for a new password can be sent by mail.
  var sendsMail: Bool
  /// Whether a second factor is on.
  var isOn: Bool
  var recoveryCodes: Int
  /// The password that every change of the second factor wants.
  var password: TextField
  var sessions: [Row]
  /// Whether there are others than the one in which this page is shown.
  var hasOthers: Bool

  /// The form that changes the password. Its fields have names of their own, since the page has another for the password.
  struct PasswordForm {
    var present = TextField(
      name: "presentPassword", label: "Present password", type: "password", autocomplete: "current-password",
      maximumLength: 200, required: true)
    var new = TextField(
      name: "newPassword", label: "New password", type: "password",
      hint: "At least 8 characters; longer is better.", autocomplete: "new-password", maximumLength: 200,
      required: true)
    var repeated = TextField(
      name: "repeated", label: "The same again", type: "password", autocomplete: "new-password",
      maximumLength: 200, required: true)
  }

  /// One session.
  struct Row {
    var browser: String
    var address: String
    var signedIn: Moment
    var seen: Moment
    var isPresent: Bool
    /// The address of the form that ends it.
    var end: String
  }
}

/// The page on which a second factor is set up.
struct NewSecondFactorPage: ConsolePage {
  static let template = "second-factor"

  var problem: ProblemView?
  /// The secret in groups of four, for typing.
  var secret: String
  /// The same for programs.
  var address: String
  /// The picture of it, a `data:` address.
  var picture: String
  var code: TextField
}

/// The recovery codes, which are shown once.
struct RecoveryCodesPage: ConsolePage {
  static let template = "recovery-codes"

  var codes: [String]
}
