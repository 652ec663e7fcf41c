import Foundation
import Hosting
import Odoo

extension NewInstancePage {
  init(_ state: FormState, places: [Placement.Suggestion], plan: PlanUse) {
    let key = state.form?["key"] ?? ""
    self.init(
      key: key.isEmpty ? UUID().uuidString : key, problem: nil, name: state.filling(Self.nameField(state)),
      stage: state.filling(Stage.choice(.usual).within(plan)),
      version: state.filling(Self.versionField()),
      edition: state.filling(Self.editionField(plan)), modules: state.filling(Self.modulesField),
      demo: state.filling(
        CheckField(
          name: "demo", label: "Demo data", hint: "Sample customers, products and orders to play with.")),
      language: state.filling(
        ChoiceField(name: "language", label: "Language", choices: LanguageNames.choices).choosing("en_US")),
      country: state.filling(
        ChoiceField(name: "country", label: "Country", choices: CountryNames.choices, optional: true)),
      server: state.filling(Self.serverField(places)),
      port: state.filling(
        .number(
          "basePort", "First port", value: "", placeholder: "next free",
          hint: "The first of ten in a row, a multiple of ten from 10000 to 19990.")),
      workers: state.filling(
        .number("settings.workers", "Workers", value: "", placeholder: "advised", hint: "0 is threaded mode.")
      ),
      workerMemory: state.filling(
        .number("settings.workerMemoryMB", "Memory of a worker", value: "", unit: "MB", placeholder: "2048")),
      cronThreads: state.filling(
        .number("settings.cronThreads", "Cron threads", value: "", placeholder: "by stage")),
      autoRestart: state.filling(Self.autoRestartField),
      odooMemory: state.filling(
        .number("settings.odoo.memoryMB", "Odoo", value: "", unit: "MB", placeholder: "0")),
      databaseMemory: state.filling(
        .number("settings.database.memoryMB", "Database", value: "", unit: "MB", placeholder: "0")),
      sources: ModuleSourcesField(
        "settings.customModules",
        hint: "Odoo finds their modules when it starts; install them in Odoo, after Update Apps List.", state),
      odooConf: state.filling(Self.confField),
      full: plan.refusalOfOneMoreInstance?.description,
      untuned: plan.refusal(of: .instanceTuning)?.description)
    let advanced: [any FormField] = [
      port, workers, workerMemory, cronThreads, autoRestart, odooMemory, databaseMemory, sources, odooConf,
    ]
    problem = state.problem(
      [name, stage, version, edition, modules, demo, language, country, server] + advanced)
    advancedOpen =
      sources.rows.count > 1
      || advanced.contains { field in field.error != nil || !(state.form?[field.name] ?? "").isEmpty }
  }

  private static func nameField(_ state: FormState) -> TextField {
    TextField(
      name: "name", label: "Name",
      hint: "Small letters, digits and hyphens, at most \(Slug.maximumLength); it begins with a letter.",
      placeholder: "shop", autocomplete: "off", maximumLength: 60, required: true, focus: state.error == nil)
  }

  private static func versionField() -> ChoiceField {
    let month = Month(Date())
    let chosen = OdooVersion.defaultVersion(in: month)
    let versions = OdooVersion.allCases.reversed().filter { $0.support(in: month) != .unreleased }
    return ChoiceField(
      name: "version", label: "Version",
      choices: versions.map { version in
        let remark =
          switch version.support(in: month) {
          case .supported, .unreleased: ""
          case .old: ", no longer supported by Odoo"
          case .phasedOut: ", phased out"
          }
        return .init(
          value: version.description, label: version.description + remark, selected: version == chosen)
      })
  }

  private static func editionField(_ plan: PlanUse) -> ChoiceField {
    let refusal = plan.refusal(of: .enterprise)
    return ChoiceField(
      name: "edition", label: "Edition",
      hint: refusal?.description ?? "Enterprise needs your own source of it.",
      choices: Edition.allCases.map {
        .init(
          value: $0.rawValue, label: $0.description.capitalized, selected: $0 == .community,
          disabled: $0 == .enterprise && refusal != nil)
      })
  }

  private static let modulesField = TextField(
    name: "modules", label: "Modules",
    hint: "Technical names with spaces between them; “base” is always there.",
    placeholder: "sale_management stock", autocomplete: "off", maximumLength: 2000, optional: true)

  private static func serverField(_ places: [Placement.Suggestion]) -> ChoiceField {
    let best = places.first { $0.isPossible }
    return ChoiceField(
      name: "server", label: "Server",
      hint: best.map {
        "Chosen for you is \($0.server.name) as it looks now: \($0.reasons.joined(separator: " "))"
      }
        ?? "The one that suits it best is chosen.",
      choices: [.init(value: "", label: "Chosen for you", selected: true)]
        + places.map { place in
          let free = place.server.facts.memoryAvailableMB.map { ": \(sizeText($0)) of memory free" } ?? ""
          let why = place.isPossible ? free : ": \(place.refusals.first ?? "not available")"
          return .init(
            value: place.server.name, label: place.server.name + why,
            // One that does not answer now may do so in a moment.
            disabled: !place.isPossible && place.obstacles != [.unavailable])
        })
  }

  private static let autoRestartField = ChoiceField(
    name: "settings.autoRestart", label: "Start again after a crash",
    choices: [
      .init(value: "", label: "By stage: production yes, others no", selected: true),
      .init(value: "yes", label: "Yes"), .init(value: "no", label: "No"),
    ])

  private static let confField = AreaField(
    name: "settings.odooConf", label: "Lines for odoo.conf",
    hint:
      "Lines such as limit_time_real = 1200, without section headers. Keys that Odeum looks after are refused by name.",
    placeholder: "limit_time_real = 1200", optional: true)
}
