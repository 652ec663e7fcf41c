import ArgumentParser
import Client
import Foundation

/// `odeum instance create NAME`
struct CreateInstance: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Create an instance.",
    discussion: "What is not given is chosen: the newest Odoo, community, production, a server with room.")

  @Argument(help: "Its name: letters a to z, digits and hyphens.")
  var name: String

  @Option(help: "The Odoo version, such as 19.0.")
  var version: String?

  @Option(help: "community or enterprise.")
  var edition: String?

  @Option(help: "production, staging or dev.")
  var stage: String?

  @Option(help: ArgumentHelp("The server.", valueName: "name"))
  var server: String?

  @Option(help: ArgumentHelp("Language of the first user, such as de_DE.", valueName: "code"))
  var language: String?

  @Option(help: ArgumentHelp("Country of the first company, such as DE.", valueName: "code"))
  var country: String?

  @Flag(help: "Load demo data.")
  var demo = false

  @Option(help: ArgumentHelp("Modules to install, separated by commas or blanks.", valueName: "a,b"))
  var modules: NamesOption?

  @Option(parsing: .unconditional, help: ArgumentHelp("The first of its ten ports.", valueName: "port"))
  var port: Int?

  @OptionGroup(title: "Settings") var settings: SettingsOptions
  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let request = try request()
    try await common.connected { client in
      let began = Date()
      let answer = try await client.send(.createInstance(request, idempotencyKey: API.newIdempotencyKey()))
      let created = answer.value
      guard !common.json else { return try await finishAsJSON(answer, client) }
      announce(created)
      let job = try await client.wait(for: created.job, waiting, isAnnounced: true)
      guard job.isFinished else { return }
      try job.requireSuccess()
      let instance = try await client.send(.instance(created.instance.name)).value
      let style = Terminal.output.style
      Terminal.output.line(
        "\(style.done) \(style(instance.name, .bold)) answers at \(style(instance.url, .bold)) after \(Date().timeIntervalSince(began).inWords)"
      )
    }
  }

  private func request() throws -> API.CreateInstance {
    API.CreateInstance(
      name: name, version: version, edition: edition, stage: stage, server: server, language: language,
      country: country, demo: demo ? true : nil,
      modules: modules?.names,
      basePort: port, settings: try settings.initial())
  }

  /// Says at once what is said only once: who stops watching must have it.
  private func announce(_ created: API.CreatedInstance) {
    let instance = created.instance
    let style = Terminal.output.style
    Terminal.output.line(
      "Creating \(style(instance.name, .bold)): Odoo \(instance.version) \(instance.edition), \(instance.stage), on \(instance.server.name)"
    )
    var facts = Facts()
    facts.add("Address", instance.url)
    facts.add(
      "Login", created.adminPassword.map { "admin / \(style($0, .bold))  (said only now, stored nowhere)" })
    for line in facts.lines(style) { Terminal.output.line(line) }
    for note in created.notes { Terminal.messages.line("Note: \(note)") }
  }

  /// One document at the end, also after Ctrl-C or a failure: the password in it cannot be had again.
  private func finishAsJSON(_ answer: API.Answer<API.CreatedInstance>, _ client: OdeumClient) async throws {
    guard waiting.waits, !answer.value.job.isFinished else { return Terminal.output.json(answer.body) }
    var created = answer.value
    do {
      created.job = try await client.wait(for: created.job, waiting, isAnnounced: true, json: true)
      created.instance = try await client.send(.instance(created.instance.id.uuidString.lowercased())).value
    } catch {
      try Terminal.output.json(created)
      throw error
    }
    try Terminal.output.json(created)
    try created.job.requireSuccess()
  }
}

extension SettingsOptions {
  /// What was asked for, as settings of an instance that does not exist yet; nil where nothing was.
  func initial() throws -> API.InstanceSettings? {
    let change = try change()
    guard change != API.SettingsChange() else { return nil }
    var workers: Int?
    if case .fixed(let count) = change.workers { workers = count }
    return API.InstanceSettings(
      workers: workers, workerMemoryMB: change.workerMemoryMB, cronThreads: change.cronThreads,
      cpuTimeLimit: change.cpuTimeLimit, realTimeLimit: change.realTimeLimit, logLevel: change.logLevel,
      databaseFilter: change.databaseFilter, odooConf: change.odooConf, sharedAddons: change.sharedAddons,
      externalFilestore: change.externalFilestore,
      autoRestart: change.autoRestart,
      customModules: change.customModules, packages: change.packages, postgres: change.postgres,
      odoo: change.odoo, database: change.database)
  }
}
