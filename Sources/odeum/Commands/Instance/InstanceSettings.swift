import ArgumentParser
import Client

/// `odeum instance settings NAME`
struct InstanceSettings: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "Show an instance's settings, or change those that are given.",
    discussion: "What is saved comes into effect with a restart; the answer says which one.")

  @OptionGroup var instance: InstanceArgument
  @OptionGroup(title: "Settings") var settings: SettingsOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let change = try settings.change()
    try await common.connected { client in
      if change == API.SettingsChange() {
        let answer = try await client.asking(about: instance.name) {
          try await client.send(.instance(instance.name))
        }
        if common.json { return try Terminal.output.json(answer.value.settings) }
        return show(answer.value)
      }
      let call = try API.Call.changeSettings(of: instance.name, change)
      let answer = try await client.asking(about: instance.name) { try await client.send(call) }
      if common.json { return Terminal.output.json(answer.body) }
      for note in answer.value.notes { Terminal.messages.line("Note: \(note)") }
      Terminal.output.line(
        "\(Terminal.output.style.done) The settings of \(answer.value.instance.name) are saved")
      sayRestart(answer.value.instance)
    }
  }

  private func show(_ instance: API.Instance) {
    for line in Self.facts(instance.settings).lines(Terminal.output.style) { Terminal.output.line(line) }
    if let snippet = instance.settings.odooConf, !snippet.isEmpty {
      Terminal.output.line("\n  \(Terminal.output.style("odoo.conf", .dim))")
      for line in snippet.split(separator: "\n", omittingEmptySubsequences: false) {
        Terminal.output.line("    \(Columns.harmless(String(line)))")
      }
    }
    sayRestart(instance)
  }

  private func sayRestart(_ instance: API.Instance) {
    guard instance.pendingRestart != "none" else { return }
    let hard = instance.pendingRestart == "hard" ? " --hard" : ""
    Terminal.messages.line("They wait for a \(instance.pendingRestart) restart.")
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
    facts.add(
      "Databases", settings.databaseFilter.map { $0.isEmpty ? "exactly its own" : Columns.harmless($0) })
    let lines = settings.odooConf.map { $0.split(separator: "\n").count } ?? 0
    facts.add(
      "odoo.conf", lines == 0 ? "nothing of your own" : "\(lines) line\(lines == 1 ? "" : "s") of your own")
    for source in settings.customModules ?? [] {
      let branch = source.branch.map { ", branch \($0)" } ?? ""
      facts.add("Custom modules", Columns.harmless(source.repository + branch))
    }
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
