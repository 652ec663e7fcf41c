import ArgumentParser
import Client
import Foundation

/// `odeum organisation …`
struct OrganisationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "organisation",
    abstract: "The organisations that you belong to, and for operators all of them.",
    discussion: "To act for another one, sign in with a token of it: odeum login URL --name NAME.",
    subcommands: [
      ListMemberships.self, ShowPlan.self, ListOrganisations.self, CreateOrganisation.self,
      ChangeOrganisation.self, RemoveOrganisation.self,
    ],
    defaultSubcommand: ListMemberships.self, aliases: ["organisations", "org"])
}

/// `odeum organisation list`
struct ListMemberships: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List those of this token: it is for one.", aliases: ["ls"])

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { try await $0.send(.memberships) }
    if common.json { return Terminal.output.json(answer.body) }
    var table = Table(head: ["SLUG", "NAME", "ROLE"])
    table.rows = answer.value.items.map { [$0.slug, Columns.harmless($0.name), $0.role] }
    Terminal.output.show(table)
  }
}

/// `odeum organisation plan`
struct ShowPlan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what the organisation may have, and what of it is in use.")

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { try await $0.send(.plan) }
    if common.json { return Terminal.output.json(answer.body) }
    let use = answer.value
    var facts = Facts()
    facts.add("Plan", use.plan.name.flatMap { $0.isEmpty ? nil : Columns.harmless($0) })
    let limits = use.plan.limits
    for (name, most, used) in [
      ("Projects", limits?.projects, use.used.projects), ("Servers", limits?.servers, use.used.servers),
      ("Instances in a project", limits?.instancesPerProject, use.used.instancesPerProject),
      ("Staging instances", limits?.staging, use.used.staging),
      ("GB of storage", limits?.storageGB, use.used.storageGB),
    ] {
      facts.add(name, "\(used.map(String.init) ?? "–") of \(most.map(String.init) ?? "any number")")
    }
    facts.add("Includes", use.plan.allowances?.joined(separator: ", "))
    for line in facts.lines(Terminal.output.style) { Terminal.output.line(line) }
  }
}

/// `odeum organisation all`
struct ListOrganisations: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "List every organisation of the installation. For operators.")

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { try await $0.send(.organisations) }
    if common.json { return Terminal.output.json(answer.body) }
    var table = Table(head: ["SLUG", "NAME", "MEMBERS", "INSTANCES", "PLAN"])
    table.rows = answer.value.items.map { organisation in
      [
        organisation.slug, Columns.harmless(organisation.name), String(organisation.members),
        String(organisation.used.instancesPerProject ?? 0), Columns.harmless(organisation.plan.name ?? ""),
      ]
    }
    Terminal.output.show(table)
  }
}

/// `odeum organisation create SLUG`
struct CreateOrganisation: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make an organisation. For operators.")

  @Argument(help: "What stands in addresses: letters a to z, digits and hyphens.")
  var slug: String

  @Option(help: "What people call it; the slug unless given.")
  var name: String?

  @Option(
    help: ArgumentHelp("Its first owner, somebody who is known here; you unless given.", valueName: "e-mail"))
  var owner: String?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let call = try API.Call.createOrganisation(
      .init(slug: slug, name: name, owner: owner), idempotencyKey: API.newIdempotencyKey())
    let answer = try await common.connected { try await $0.send(call) }
    if common.json { return Terminal.output.json(answer.body) }
    Terminal.output.line("\(Terminal.output.style.done) \(answer.value.slug) is made")
    Terminal.messages.line("Next, servers for it: odeum server edit NAME --shared-with …,\(slug)")
  }
}

/// `odeum organisation change SLUG`
struct ChangeOrganisation: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "change", abstract: "Change its name, or what it may have. For operators.",
    discussion:
      "What is not given stays. A limit of “none” is no limit. Allowances: \(allowances.joined(separator: ", "))."
  )

  static let allowances = [
    "ide", "backups", "merge", "connectAs", "enterprise", "instanceTuning", "nginxTuning", "ipLists",
  ]

  @Argument(help: "Its slug.")
  var slug: String

  @Option(help: "What people call it.")
  var name: String?

  @Option(help: ArgumentHelp("What the plan is called.", valueName: "name"))
  var plan: String?

  @Option(help: "How many projects.")
  var projects: PlanNumber?

  @Option(help: "How many servers of its own.")
  var servers: PlanNumber?

  @Option(help: "How many instances in one project.")
  var instances: PlanNumber?

  @Option(help: "How many staging instances.")
  var staging: PlanNumber?

  @Option(help: "How many GB of storage.")
  var storage: PlanNumber?

  @Option(
    help: ArgumentHelp("What it includes from now on, of the allowances; “all” or “none”.", valueName: "a,b"))
  var includes: String?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await orListed(by: "odeum organisation all") {
      try await common.connected { client in
        let change = API.ChangeOrganisation(name: name, plan: try await changedPlan(client))
        return try await client.send(.changeOrganisation(slug, change))
      }
    }
    if common.json { return Terminal.output.json(answer.body) }
    Terminal.output.line("\(Terminal.output.style.done) \(answer.value.slug) is changed")
  }

  private func changedPlan(_ client: OdeumClient) async throws -> API.Plan? {
    let numbers = [projects, servers, instances, staging, storage]
    guard plan != nil || includes != nil || numbers.contains(where: { $0 != nil }) else { return nil }
    var changed = try await client.send(.organisation(slug)).value.plan
    changed.name = plan ?? changed.name
    var limits = changed.limits ?? API.PlanNumbers()
    if let projects { limits.projects = projects.most }
    if let servers { limits.servers = servers.most }
    if let instances { limits.instancesPerProject = instances.most }
    if let staging { limits.staging = staging.most }
    if let storage { limits.storageGB = storage.most }
    changed.limits = limits
    if let includes {
      let words = includes.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      changed.allowances = words == ["all"] ? Self.allowances : words == ["none"] ? [] : words
    }
    return changed
  }
}

/// `odeum organisation rm SLUG`
struct RemoveOrganisation: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove an organisation that has nothing left. For operators.",
    discussion: "Instances and servers of it are in the way; the refusal names them.")

  @Argument(help: "Its slug.")
  var slug: String

  @Flag(name: [.short, .long], help: "Do not ask.")
  var yes = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    if !yes {
      try Prompt.confirm(
        removing: slug, saying: "This ends the membership of everybody in \(slug), and every token for it.",
        unasked: "odeum organisation rm \(slug) --yes")
    }
    _ = try await orListed(by: "odeum organisation all") {
      try await common.connected { try await $0.send(.removeOrganisation(slug)) }
    }
    guard !common.json else { return }
    Terminal.output.line("\(Terminal.output.style.done) \(slug) is removed")
  }
}

/// A limit as it is typed: a number, or `none`.
struct PlanNumber: ExpressibleByArgument {
  /// nil: no limit.
  let most: Int?

  init?(argument: String) {
    if argument == "none" {
      most = nil
    } else if let number = Int(argument), number >= 0 {
      most = number
    } else {
      return nil
    }
  }
}
