import Client
import Hosting

extension API.Membership {
  init(_ membership: OrganisationMembership) {
    self.init(slug: membership.slug, name: membership.name, role: membership.role.rawValue)
  }
}

extension API.PlanNumbers {
  init(_ numbers: [Plan.Limit: Int]) {
    self.init()
    projects = numbers[.projects]
    servers = numbers[.servers]
    instancesPerProject = numbers[.instancesPerProject]
    staging = numbers[.staging]
    storageGB = numbers[.storageGB]
  }

  /// The numbers that there are.
  var numbers: [Plan.Limit: Int] {
    [
      .projects: projects, .servers: servers, .instancesPerProject: instancesPerProject, .staging: staging,
      .storageGB: storageGB,
    ].compactMapValues(\.self)
  }
}

extension API.Plan {
  init(_ plan: Plan) {
    self.init()
    name = plan.name
    limits = API.PlanNumbers(plan.limits)
    allowances = Plan.Allowance.allCases.filter { !plan.lacks.contains($0) }.map(\.rawValue)
  }
}

extension Plan {
  /// The plan that `wish` describes.
  ///
  /// - Throws: `HostingError` with code `invalid` for an allowance that is none.
  init(_ wish: API.Plan) throws {
    self.init()
    name = wish.name ?? ""
    limits = wish.limits?.numbers ?? [:]
    guard let words = wish.allowances else { return }
    lacks = Set(Allowance.allCases)
    for word in words {
      guard let allowance = Allowance(rawValue: word) else {
        let known = Allowance.allCases.map(\.rawValue).joined(separator: ", ")
        let message = "There is no allowance “\(word)”; there are \(known)."
        throw HostingError(.invalid, message, fields: [.init("plan.allowances", message)])
      }
      lacks.remove(allowance)
    }
  }
}

extension API.PlanUse {
  init(_ use: PlanUse) {
    var refusals: [String: String] = [:]
    for allowance in Plan.Allowance.allCases {
      refusals[allowance.rawValue] = use.refusal(of: allowance)?.message
    }
    for limit in Plan.Limit.allCases { refusals[limit.rawValue] = use.refusalOfOneMore(limit)?.message }
    self.init(plan: API.Plan(use.plan), used: API.PlanNumbers(use.used), refusals: refusals)
  }
}

extension API.Organisation {
  init(_ organisation: Organisation) {
    self.init(
      id: organisation.id, slug: organisation.slug, name: organisation.name,
      createdAt: organisation.createdAt,
      members: organisation.members, plan: API.Plan(organisation.plan.plan),
      used: API.PlanNumbers(organisation.plan.used))
  }
}
