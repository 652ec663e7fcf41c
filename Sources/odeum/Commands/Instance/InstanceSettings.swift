import ArgumentParser
import Client

/// `odeum instance settings NAME`
struct InstanceSettings: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "Show an instance's settings, or change those that are given.",
    discussion: "What is saved comes into effect with a restart; the answer says which one.")

  @OptionGroup var instance: InstanceArgument
  @Option(
    help: "Move it to this stage: production, staging or dev. Its containers follow with a hard restart.")
  var stage: String?

  @Flag(help: "Only say what would change, and which restart brings it into effect.")
  var preview = false

  @OptionGroup(title: "Settings") var settings: SettingsOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard stage == nil || !preview else { throw ValidationError("--preview is about settings, not --stage.") }
  }

  func run() async throws {
    let change = try settings.change()
    if preview { return try await show(preview: change) }
    let call = try API.Call.changeSettings(of: instance.name, change)
    let move = try stage.map { try API.Call.moveInstance(instance.name, to: $0) }
    try await common.connected { client in
      try await client.asking(about: instance.name) {
        guard change != API.SettingsChange() || move != nil else { return try await show(client) }
        if let move {
          let moved = try await client.send(move).value
          guard change != API.SettingsChange() else { return try tell(moved, notes: []) }
        }
        let changed = try await client.send(call).value
        try tell(changed.instance, notes: changed.notes)
      }
    }
  }

  private func tell(_ instance: API.Instance, notes: [String]) throws {
    if common.json { return try Terminal.output.json(API.ChangedSettings(instance: instance, notes: notes)) }
    for note in notes { Terminal.messages.line("Note: \(note)") }
    let moved = stage.map { _ in ", on stage \(instance.stage)" } ?? ""
    Terminal.output.line("\(Terminal.output.style.done) The settings of \(instance.name) are saved\(moved)")
    sayRestart(instance)
  }

  private func show(preview change: API.SettingsChange) async throws {
    let call = try API.Call.previewSettings(of: instance.name, change)
    try await common.connected { client in
      try await client.asking(about: instance.name) {
        let answer = try await client.send(call)
        if common.json { return Terminal.output.json(answer.body) }
        let saved = try await client.send(.instance(instance.name)).value.settings
        let lines = Self.changes(from: saved, to: answer.value.settings)
        Terminal.output.line(lines.isEmpty ? "Nothing would change." : "Saving this changes:")
        for line in lines { Terminal.output.line(line) }
        for note in answer.value.notes { Terminal.messages.line("Note: \(note)") }
        guard answer.value.restart != "none" else { return }
        Terminal.output.line("What is not in effect then waits for a \(answer.value.restart) restart.")
      }
    }
  }

  /// What differs, a line each. Of the lines for odoo.conf and postgresql.conf only that they do.
  static func changes(from saved: API.InstanceSettings, to wanted: API.InstanceSettings) -> [String] {
    let style = Terminal.output.style
    var (before, after) = (facts(saved), facts(wanted))
    for (name, old, new) in [
      ("Text of odoo.conf", saved.odooConf, wanted.odooConf),
      ("Text of postgresql.conf", saved.postgres?.conf, wanted.postgres?.conf),
    ] where old != new {
      before.add(name, "as it is")
      after.add(name, "as given")
    }
    return before.changes(to: after, style)
  }

  private func show(_ client: OdeumClient) async throws {
    let instance = try await client.send(.instance(instance.name)).value
    if common.json { return try Terminal.output.json(instance.settings) }
    for line in Self.facts(instance.settings).lines(Terminal.output.style) { Terminal.output.line(line) }
    if let snippet = instance.settings.odooConf, !snippet.isEmpty {
      Terminal.output.line("\n  \(Terminal.output.style("odoo.conf", .dim))")
      for line in snippet.split(separator: "\n", omittingEmptySubsequences: false) {
        Terminal.output.line("    \(Columns.harmless(String(line)))")
      }
    }
    if let snippet = instance.settings.postgres?.conf, !snippet.isEmpty {
      Terminal.output.line("\n  \(Terminal.output.style("postgresql.conf", .dim))")
      for line in snippet.split(separator: "\n", omittingEmptySubsequences: false) {
        Terminal.output.line("    \(Columns.harmless(String(line)))")
      }
    }
    sayRestart(instance)
  }

  private func sayRestart(_ instance: API.Instance) {
    guard instance.pendingRestart != "none" else { return }
    let hard = instance.pendingRestart == "hard" ? " --hard" : ""
    for change in instance.pendingChanges { Terminal.messages.line(Columns.harmless(change)) }
    Terminal.messages.line(
      "\(Terminal.messages.style("Next:", .bold)) odeum instance restart \(instance.name)\(hard)")
  }

  /// The settings, named as people name them.
  static func facts(_ settings: API.InstanceSettings) -> Facts {
    var facts = Facts()
    let memory = settings.workerMemoryMB.map { ", \($0) MB each" } ?? ""
    let workers = settings.workers.map { $0 == 0 ? "none (threads)" : String($0) } ?? "by the server's cores"
    facts.add("Workers", workers + memory)
    facts.add("Cron threads", settings.cronThreads.map(String.init))
    let real = settings.realTimeLimit.map { $0 == 0 ? "no limit" : "\($0) s" } ?? "?"
    facts.add("A request may take", settings.cpuTimeLimit.map { "\($0) s of processor time, \(real) in all" })
    facts.add("Log level", settings.logLevel)
    facts.add(
      "Databases", settings.databaseFilter.map { $0.isEmpty ? "exactly its own" : Columns.harmless($0) })
    let lines = settings.odooConf.map { $0.split(separator: "\n").count } ?? 0
    facts.add(
      "odoo.conf", lines == 0 ? "nothing of your own" : "\(lines) line\(lines == 1 ? "" : "s") of your own")
    for source in settings.customModules ?? [] {
      let branch = source.branch.map { ", branch \($0)" } ?? ""
      facts.add("Custom modules", Columns.harmless(source.repository + branch))
    }
    facts.add(
      "Shared addons", settings.sharedAddons.map { $0.isEmpty ? "none" : Columns.harmless($0) })
    facts.add(
      "Files",
      settings.externalFilestore.map { $0.isEmpty ? "in a volume of Docker's" : Columns.harmless("in \($0)") }
    )
    func add(_ name: String, _ names: [String]?) {
      guard let names, !names.isEmpty else { return }
      facts.add(name, Columns.harmless(names.joined(separator: " ")))
    }
    add("Packages", settings.packages?.odoo)
    add("Python packages", settings.packages?.python)
    add("Database packages", settings.packages?.database)
    add("Extensions", settings.postgres?.extensions)
    facts.add("After a crash", settings.autoRestart.map { $0 ? "starts again" : "stays down" })
    facts.add("Odoo limits", settings.odoo.map(limits))
    facts.add("Database limits", settings.database.map(limits))
    return facts
  }

  private static func limits(_ limits: API.ContainerLimits) -> String {
    func megabytes(_ value: Int?) -> String { value.map { $0 == 0 ? "none" : "\($0) MB" } ?? "none" }
    return [
      "memory \(megabytes(limits.memoryMB))", "reserved \(megabytes(limits.memoryReservationMB))",
      "shm \(megabytes(limits.shmMB))", limits.cpuShares.map { "cpu shares \($0)" },
    ].compactMap { $0 }.joined(separator: ", ")
  }
}
