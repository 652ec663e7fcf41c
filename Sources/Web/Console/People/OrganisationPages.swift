/// The organisations of the person, and for operators all of them.
struct OrganisationsPage: ConsolePage {
  static let template = "organisations"

  var problem: ProblemView?
  /// Those that the person belongs to.
  var memberships: [Membership]
  /// Every organisation of the installation; empty for whoever is no operator.
  var organisations: [Row]
  /// The form for a new one; nil for whoever is no operator.
  var create: Create?

  /// One that the person belongs to.
  struct Membership {
    var name: String
    var slug: String
    var role: String
    var href: String
    /// Whether it is the one that the person came from.
    var isPresent: Bool
  }

  /// One of all.
  struct Row {
    var name: String
    var slug: String
    var href: String
    var members: Int
    var instances: Int
    var plan: String
  }

  /// The fields of a new one.
  struct Create {
    var slug: TextField
    var name: TextField
    var owner: TextField
  }
}

/// What the operator says of one organisation.
struct OrganisationPage: ConsolePage {
  static let template = "organisation"

  var problem: ProblemView?
  var heading: String
  var href: String
  var name: TextField
  var plan: TextField
  /// How much there may be, with what there is.
  var limits: [TextField]
  var allowances: [CheckField]
}
