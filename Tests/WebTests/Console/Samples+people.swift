import Foundation

@testable import Hosting
@testable import Web

extension Sample {
  static let people: [Sample] = [
    Sample(
      "organisations", "Organisations", path: "/organisations", section: .account,
      OrganisationsPage(
        problem: ProblemView(message: "There is an organisation “norrland” already."),
        memberships: [
          .init(
            name: "Norrland Foods", slug: "norrland", role: "Owner", href: "/o/norrland/instances",
            isPresent: true)
        ],
        organisations: [
          .init(
            name: "Norrland Foods", slug: "norrland", href: "/organisations/norrland", members: 4,
            instances: 12,
            plan: "Small")
        ],
        create: .init(
          slug: TextField(name: "slug", label: "Slug"), name: TextField(name: "name", label: "Name"),
          owner: TextField(name: "owner", label: "First owner")))),
    Sample(
      "organisation", "Norrland Foods", path: "/organisations/norrland", section: .account,
      narrow: true,
      OrganisationPage(
        problem: ProblemView(message: "Servers of your own takes a whole number."), heading: "Norrland Foods",
        href: "/organisations/norrland", name: TextField(name: "name", label: "Name"),
        plan: TextField(name: "plan.name", label: "Name of the plan"),
        limits: [TextField.number("plan.limits.servers", "Servers", value: "2", hint: "1 in use.")],
        allowances: [CheckField(name: "plan.has.ide", label: "The web IDE", checked: true)])),
    Sample(
      "people", "People", path: "/people", section: .people,
      PeoplePage(
        members: [
          .init(
            email: "maria.lindqvist@example.org", role: "Owner", grants: nil, hasSecondFactor: true,
            since: moment(9_000_000), seen: moment(30), href: "/people/1", isSelf: true),
          .init(
            email: "consultant@partner.example", role: "Developer", grants: "only 4 actions, 1 instance",
            hasSecondFactor: false, since: moment(90_000), seen: nil, href: "/people/2", isSelf: false),
        ],
        invitations: [
          .init(
            email: "new@example.org", role: "Tester", invitedBy: "maria.lindqvist@example.org",
            ends: moment(-500_000),
            isOver: false, withdraw: "/people/invitations/1/withdraw")
        ],
        link: .init(
          email: "new@example.org", text: "https://odeum.example.org/invitation?token=x",
          mailProblem: "mail.example.org:465 did not take the message to new@example.org: timed out."),
        problem: ProblemView(message: "“ada” is no e-mail address."), key: "k",
        email: TextField(name: "email", label: "E-mail address"), role: .role(.developer, by: owner))),
    Sample(
      "member", "consultant@partner.example", path: "/people/2", section: .people, narrow: true,
      MemberPage(
        email: "consultant@partner.example", href: "/people/2", problem: nil,
        role: .role(.developer, by: owner),
        follows: ChoiceField(
          name: "follows", label: "What he may do",
          choices: [.init(value: "own", label: "Only what is checked")]),
        actions: Permission.actions.map {
          CheckField(name: "action.\($0.rawValue)", label: $0.label, checked: true)
        },
        reach: ChoiceField(
          name: "reach", label: "Which instances", choices: [.init(value: "all", label: "All")]),
        instances: [CheckField(name: "instance.1", label: "shop", checked: true)], instancesShown: "1",
        instancesKept: "He keeps 2 more that you do not see.",
        serverReach: ChoiceField(
          name: "serverReach", label: "Which servers", choices: [.init(value: "all", label: "All")]),
        servers: [CheckField(name: "server.1", label: "web1", checked: true)], serversShown: "1",
        remove: ActionView(
          id: "remove-member", label: "Remove", icon: "trash", style: "danger", href: "/people/2/remove",
          dialog: true))),
    Sample(
      "invitation", "Join Norrland Foods", path: "/sign-in",
      InvitationPage(
        usable: true, organisation: "Norrland Foods", email: "new@example.org", role: "tester", token: "x",
        choosesPassword: true, problem: ProblemView(message: "The two passwords are not the same."))),
    Sample(
      "invitation-copied", "Join Norrland Foods", path: "/sign-in",
      InvitationPage(
        usable: true, organisation: "Norrland Foods", email: "new@example.org", role: "tester", token: "x",
        provesAddress: true)),
    Sample("invitation-over", "Invitation is over", path: "/sign-in", InvitationPage()),
    Sample("sign-in-code", "Sign in", path: "/sign-in", CodePage(challenge: "x", back: "/", sendsMail: true)),
    Sample(
      "security", "Security", path: "/account/security", section: .account, narrow: true,
      SecurityPage(
        problem: nil, sendsMail: true, isOn: true, recoveryCodes: 9,
        password: TextField(name: "password", label: "Your password", type: "password"),
        sessions: [
          .init(
            browser: "Firefox on Linux", address: "192.0.2.7", signedIn: moment(9_000), seen: moment(3),
            isPresent: true, end: "/account/security/sessions/1/end"),
          .init(
            browser: "Safari on iPhone", address: "192.0.2.9", signedIn: moment(90_000), seen: moment(3_000),
            isPresent: false, end: "/account/security/sessions/2/end"),
        ], hasOthers: true)),
    Sample(
      "second-factor", "Second factor", path: "/account/security", section: .account, narrow: true,
      NewSecondFactorPage(
        problem: nil, secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", address: "otpauth://totp/Odeum:a?secret=x",
        picture: "data:image/svg+xml;base64,PHN2Zy8+", code: TextField(name: "code", label: "Code"))),
    Sample(
      "recovery-codes", "Recovery codes", path: "/account/security", section: .account, narrow: true,
      RecoveryCodesPage(codes: (0..<10).map { "abcd-efgh-ijkl-mno\($0)" })),
    Sample(
      "audit", "Audit log", path: "/audit", section: .audit,
      AuditPage(
        search: "", kinds: [.init(value: "", label: "Everything", selected: true)],
        rows: PlayedHosting.entries.prefix(20).map { AuditPage.Row($0) },
        exports: [LinkView(label: "CSV", href: "/audit/export?format=csv")], first: "/audit",
        next: "/audit?cursor=11")),
  ]

  private static let owner = Actor(
    userID: UUID(), email: "maria.lindqvist@example.org", organisationID: UUID(),
    organisationSlug: "norrland",
    role: .owner, isOperator: false, door: .console)
}
