/// The page on which people sign in.
struct SignInPage: ConsolePage {
  static let template = "sign-in"

  /// The local address to go to afterwards.
  var back: String
  /// What has just happened.
  var changed: Flash?
  var email = TextField(
    name: "email", label: "E-mail address", type: "email", autocomplete: "username", inputMode: "email",
    maximumLength: 254, required: true, focus: true)
  var password = TextField(
    name: "password", label: "Password", type: "password", autocomplete: "current-password",
    maximumLength: 200,
    required: true)
  var problem: ProblemView?
}

/// The page on which people ask for a link for a new password.
struct ForgottenPage: ConsolePage {
  static let template = "forgotten"

  /// Whether links are sent at all.
  var sendsMail: Bool
  /// Whether one was asked for just now.
  var isAsked = false
  var email = TextField(
    name: "email", label: "E-mail address", type: "email", autocomplete: "username", inputMode: "email",
    maximumLength: 254, required: true, focus: true)
  var problem: ProblemView?
}

/// The page on which people give the code of their second factor.
struct CodePage: ConsolePage {
  static let template = "sign-in-code"

  /// Proves that address and password were right.
  var challenge: String
  /// The local address to go to afterwards.
  var back: String
  /// Whether a link that turns the second factor off can be mailed.
  var sendsMail: Bool
  /// Whether one was asked for just now.
  var isAsked = false
  var code = TextField(
    name: "code", label: "Code", hint: "Six digits from your app, or one of your recovery codes.",
    autocomplete: "one-time-code", maximumLength: 24, required: true, focus: true)
  var problem: ProblemView?
}

/// The page of a one-time link. To look at it does not use the link up.
struct LinkPage: ConsolePage {
  static let template = "link"

  /// Whether the link can still be used.
  var usable = false
  var heading = ""
  var explanation = ""
  var button = ""
  var email = ""
  /// What makes the link a link; the form sends it on.
  var token = ""
  /// Where a new link comes from.
  var sendsMail = false
  /// Whether a password is chosen with the link.
  var choosesPassword = false
  /// Whether the present password is asked for.
  var asksPassword = false
  var present = TextField(
    name: "password", label: "Password", type: "password", autocomplete: "current-password",
    maximumLength: 200, required: true, focus: true)
  var password = TextField(
    name: "password", label: "New password", type: "password",
    hint: "At least 8 characters; longer is better.",
    autocomplete: "new-password", maximumLength: 200, required: true, focus: true)
  var repeated = TextField(
    name: "repeated", label: "The same again", type: "password", autocomplete: "new-password",
    maximumLength: 200,
    required: true)
  var expires: Moment?
  var problem: ProblemView?
}

/// What went wrong, where nobody is signed in.
struct GateFaultPage: ConsolePage {
  static let template = "gate-fault"

  var fault: FaultPage
}

extension GateFaultPage: DerivesValues {
  var derived: [String: Any] { viewValues(fault) }
}

/// What went wrong, where no form can say it.
struct FaultPage: ConsolePage {
  static let template = "fault"

  /// The HTTP status.
  var code: Int
  var heading: String
  var message: String
  var suggestion: String?
  /// The number of an unexpected error in the log.
  var incident: String?
  /// Where the person came from.
  var back: String?
}
