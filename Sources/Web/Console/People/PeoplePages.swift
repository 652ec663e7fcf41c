import Hosting

/// The members of the organisation, and those who are invited.
struct PeoplePage: ConsolePage {
  static let template = "people"

  var members: [Row]
  var invitations: [Invited]
  /// The link just made, which is said once.
  var link: Link?
  var problem: ProblemView?
  /// Names the form, so that sending it twice makes one invitation.
  var key: String
  var email: TextField
  var role: ChoiceField

  /// One member.
  struct Row {
    var email: String
    var role: String
    /// What was granted beside the role, in words; nil where it is just the role.
    var grants: String?
    var hasSecondFactor: Bool
    var since: Moment
    var seen: Moment?
    var href: String
    /// Whether it is the one who looks.
    var isSelf: Bool
  }

  /// One invitation.
  struct Invited {
    var email: String
    var role: String
    var invitedBy: String
    var ends: Moment
    var isOver: Bool
    /// The address of the form that takes it back.
    var withdraw: String
  }

  /// A link that is said once.
  struct Link: DerivesValues {
    var email: String
    var text: String
    /// Whether the person has got it by mail.
    var isMailed = false
    /// Why he has not, where he should have.
    var mailProblem: String?

    var derived: [String: Any] { ["copy": CopyView(text: text, what: "the link")] }
  }
}

/// What one member is and may do.
struct MemberPage: ConsolePage {
  static let template = "member"

  var email: String
  var href: String
  var problem: ProblemView?
  var role: ChoiceField
  /// Whether the ten actions follow the role, or are those that are checked.
  var follows: ChoiceField
  var actions: [CheckField]
  /// Whether all instances exist for him, or those that are checked.
  var reach: ChoiceField
  var instances: [CheckField]
  /// The ids of `instances`: what was not on the page is not taken away by it.
  var instancesShown: String
  /// What stays beside what is checked, in words.
  var instancesKept: String?
  var serverReach: ChoiceField
  var servers: [CheckField]
  var serversShown: String
  var serversKept: String?
  var remove: ActionView
}

/// The page that the link of an invitation leads to.
struct InvitationPage: ConsolePage {
  static let template = "invitation"

  /// Whether the link can still be used.
  var usable = false
  var organisation = ""
  var email = ""
  var role = ""
  var token = ""
  /// Whether the person is signed in as the one who is invited.
  var accepts = false
  /// Whether a link was just mailed to the address.
  var isMailed = false
  /// Whether the person is new here and chooses a password.
  var choosesPassword = false
  /// Whether he first has to show that the address is his.
  var provesAddress = false
  /// Where a person who is known signs in first.
  var signIn = ""
  var password = TextField(
    name: "password", label: "New password", type: "password",
    hint: "At least 8 characters; longer is better.",
    autocomplete: "new-password", maximumLength: 200, required: true, focus: true)
  var repeated = TextField(
    name: "repeated", label: "The same again", type: "password", autocomplete: "new-password",
    maximumLength: 200,
    required: true)
  var problem: ProblemView?
}

extension PeoplePage.Link {
  /// The link of an invitation just made.
  init(_ created: CreatedInvitation, _ link: InvitationLink) {
    self.init(email: created.invitation.email, text: link.text)
    switch created.mail {
    case .off: break
    case .sent: isMailed = true
    case .failed(let reason): mailProblem = reason
    }
  }
}
