/// The account of the person who is signed in.
struct AccountPage: ConsolePage {
  static let template = "account"

  /// The token just made, with its secret.
  var secret: Secret?
  var problem: ProblemView?
  var tokens: [Token]
  /// Names the form, so that sending it twice makes one token.
  var key: String
  var name: TextField
  var lifetime: ChoiceField
  /// Whether it may do everything, look, or do what is checked.
  var reach: ChoiceField
  /// The permissions that can be checked.
  var scopes: [CheckField]

  /// A token that programs use.
  struct Token {
    var name: String
    var made: Moment
    var used: Moment?
    var ends: Moment?
    /// What it may do, in words; nil: what its person may do.
    var scopes: String?
    /// The page that asks before it is revoked.
    var revoke: String
  }

  /// A secret that is said once.
  struct Secret: DerivesValues {
    var name: String
    var secret: String

    var derived: [String: Any] { ["copy": CopyView(text: secret, what: "the secret")] }
  }
}
