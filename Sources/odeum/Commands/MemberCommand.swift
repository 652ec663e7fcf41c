import ArgumentParser
import Client
import Foundation

/// `odeum member …`
struct MemberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "member", abstract: "The people of the organisation, and what they may do.",
    subcommands: [
      ListMembers.self, Invite.self, ListInvitations.self, WithdrawInvitation.self, ChangeMember.self,
      RemoveMember.self, Leave.self,
    ],
    defaultSubcommand: ListMembers.self, aliases: ["members"])
}

/// What a member is to be able to do beside his role.
struct GrantOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Only these of the actions that are granted one by one, in the place of what the role has; “role” for what it \
      has. See docs/people.md.
      """,
      valueName: "a,b"))
  var actions: String?

  @Option(
    help: ArgumentHelp(
      "Only these instances exist for him: names or ids; “all” for every one.", valueName: "a,b"))
  var instances: String?

  @Option(
    help: ArgumentHelp(
      "Only these servers exist for him: names or ids; “all” for every one.", valueName: "a,b"))
  var servers: String?

  /// What was given, with names looked up; nil where nothing was. What was not given stays as it is.
  func change(_ client: OdeumClient) async throws -> API.GrantsChange? {
    guard actions != nil || instances != nil || servers != nil else { return nil }
    var change = API.GrantsChange()
    change.actions = actions.map { $0 == "role" ? .lifted : .only(Self.words($0)) }
    change.instances = try await Self.list(instances) { try await client.send(.instance($0)).value.id }
    change.servers = try await Self.list(servers) { name in
      try await client.askingServer { try await client.send(.server(name)) }.value.id
    }
    return change
  }

  /// The same for somebody who has no grants yet.
  func grants(_ client: OdeumClient) async throws -> API.Grants? {
    guard let change = try await change(client) else { return nil }
    var grants = API.Grants()
    grants.actions = change.actions?.items
    grants.instances = change.instances?.items
    grants.servers = change.servers?.items
    return grants
  }

  private static func list(
    _ text: String?, id: (String) async throws -> UUID
  ) async throws -> API.GrantsChange.List<UUID>? {
    guard let text else { return nil }
    if text == "all" { return .lifted }
    var ids: [UUID] = []
    for name in words(text) { ids.append(try await id(name)) }
    return .only(ids)
  }

  private static func words(_ list: String) -> [String] {
    list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }
}

/// `odeum member list`
struct ListMembers: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the members.", aliases: ["ls"])

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { try await $0.send(.members) }
    if common.json { return Terminal.output.json(answer.body) }
    Terminal.output.show(Self.table(answer.value.items))
  }

  static func table(_ members: [API.Member], now: Date = Date()) -> Table {
    var table = Table(head: ["E-MAIL", "ROLE", "GRANTS", "SECOND FACTOR", "LAST SEEN"])
    table.rows = members.map { member in
      [
        Columns.harmless(member.email), member.role, grants(member.grants),
        member.hasSecondFactor ? "yes" : "no",
        member.seenAt?.ago(at: now) ?? "never",
      ]
    }
    return table
  }

  private static func grants(_ grants: API.Grants) -> String {
    let parts = [
      grants.actions.map { "\($0.count) actions" }, grants.projects.map { "\($0.count) projects" },
      grants.servers.map { "\($0.count) servers" }, grants.instances.map { "\($0.count) instances" },
    ].compactMap(\.self)
    return parts.isEmpty ? "as the role" : parts.joined(separator: ", ")
  }
}

/// `odeum member invite E-MAIL`
struct Invite: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invite", abstract: "Invite a person. The link is said this once; send it to him.")

  @Argument(help: "The address that the person will sign in with.")
  var email: String

  @Option(help: "owner, admin, developer, tester or viewer.")
  var role = "developer"

  @OptionGroup var grants: GrantOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { client in
      let wish = API.Invite(email: email, role: role, grants: try await grants.grants(client))
      return try await client.send(.invite(wish))
    }
    if common.json { return Terminal.output.json(answer.body) }
    if let problem = answer.value.mailProblem { Terminal.messages.line("It was not mailed: \(problem)") }
    let way =
      answer.value.mailed == true ? "with the link that was mailed to him, which is" : "with this link"
    Terminal.messages.line("\(answer.value.email) can join until \(answer.value.expiresAt.local), \(way):")
    Terminal.output.line(answer.value.link ?? "")
  }
}

/// `odeum member invitations`
struct ListInvitations: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invitations", abstract: "List the invitations that nobody has accepted.")

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { try await $0.send(.invitations) }
    if common.json { return Terminal.output.json(answer.body) }
    var table = Table(head: ["ID", "E-MAIL", "ROLE", "INVITED BY", "ENDS"])
    table.rows = answer.value.items.map { invitation in
      [
        invitation.id.uuidString.lowercased(), Columns.harmless(invitation.email), invitation.role,
        Columns.harmless(invitation.invitedBy),
        invitation.expiresAt < Date() ? "is over" : invitation.expiresAt.local,
      ]
    }
    Terminal.output.show(table)
  }
}

/// `odeum member withdraw ID`
struct WithdrawInvitation: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Take an invitation back.")

  @Argument(help: "The invitation's id.")
  var id: String

  @OptionGroup var common: CommonOptions

  func run() async throws {
    guard let uuid = UUID(uuidString: id) else {
      throw CommandFailure(
        status: .usage, message: "“\(id)” is no invitation's id.", next: "odeum member invitations")
    }
    _ = try await orListed(by: "odeum member invitations") {
      try await common.connected { try await $0.send(.withdrawInvitation(uuid)) }
    }
    if !common.json { Terminal.output.line("\(Terminal.output.style.done) The invitation is withdrawn") }
  }
}

/// `odeum member change E-MAIL --role ROLE`
struct ChangeMember: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "change", abstract: "Say what a member is and may do.",
    discussion: """
      What is not given stays as it is: a new role alone takes no list away, and actions that were granted one by one \
      stay granted. “--actions role” lets them follow the role; “--instances all” and “--servers all” lift those lists.
      """)

  @Argument(help: "The member's address or id.")
  var member: String

  @Option(help: "owner, admin, developer, tester or viewer; stays as it is unless given.")
  var role: String?

  @OptionGroup var grants: GrantOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { client in
      let found = try await client.member(member)
      let change = API.ChangeMember(role: role ?? found.role, grants: try await grants.change(client))
      return try await client.send(.changeMember(found.id, change))
    }
    if common.json { return Terminal.output.json(answer.body) }
    Terminal.output.line("\(Terminal.output.style.done) \(answer.value.email) is \(answer.value.role)")
    if role != nil, grants.actions == nil, answer.value.grants.actions != nil {
      Terminal.messages.line(
        "His actions were granted one by one and stay; they follow the role with: --actions role")
    }
  }
}

/// `odeum member rm E-MAIL`
struct RemoveMember: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Take a person out of the organisation; his tokens there end.")

  @Argument(help: "The member's address or id.")
  var member: String

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.connected { client in
      let found = try await client.member(member)
      _ = try await client.send(.removeMember(found.id))
      if !common.json {
        Terminal.output.line("\(Terminal.output.style.done) \(found.email) is no member any more")
      }
    }
  }
}

/// `odeum member leave`
struct Leave: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leave",
    abstract: "Leave the organisation; your tokens there end, also the one of this context.",
    discussion: "Only an owner or admin can invite you again. The last owner stays.")

  @Flag(name: [.short, .long], help: "Do not ask.")
  var yes = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await common.connected { client in
      let organisation = try await client.send(.account).value.organisation
      if !yes {
        try Prompt.confirm(
          leaving: organisation,
          saying: "You cannot act for \(organisation) any more, and your tokens there end at once.",
          unasked: "odeum member leave --yes")
      }
      _ = try await client.send(.leave)
      guard !common.json else { return }
      Terminal.output.line("\(Terminal.output.style.done) You are no member of \(organisation) any more")
      Terminal.messages.line("The token of this context has ended; forget it with: odeum context rm NAME")
    }
  }
}

extension OdeumClient {
  /// The member with that address or id.
  fileprivate func member(_ reference: String) async throws -> API.Member {
    let members = try await send(.members).value.items
    let id = UUID(uuidString: reference)
    guard let found = members.first(where: { $0.id == id || $0.email == reference.lowercased() }) else {
      throw CommandFailure(
        status: .notFound, message: "There is no member “\(reference)”.", next: "odeum member list")
    }
    return found
  }
}
