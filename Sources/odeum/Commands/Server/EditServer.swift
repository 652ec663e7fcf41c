import ArgumentParser
import Client

/// `odeum server edit NAME`
struct EditServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit", abstract: "Change a server.",
    discussion: """
      What is not given stays; folders that are given replace those before. A server that is reached in another way is \
      validated anew.
      """)

  @OptionGroup var server: ServerArgument

  @Option(help: ArgumentHelp("Another name.", valueName: "name"))
  var rename: String?

  @Option(help: ArgumentHelp("Another host name or IP address.", valueName: "address"))
  var address: String?

  @Flag(help: "No shared folders any more.")
  var noSharedFolders = false

  @Flag(help: "No folders for files any more.")
  var noFilestoreFolders = false

  @OptionGroup var options: ServerOptions
  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !noSharedFolders || options.sharedFolder.isEmpty else {
      throw ValidationError("--shared-folder and --no-shared-folders contradict each other.")
    }
    guard !noFilestoreFolders || options.filestoreFolder.isEmpty else {
      throw ValidationError("--filestore-folder and --no-filestore-folders contradict each other.")
    }
  }

  func run() async throws {
    try await common.connected { client in
      let before = try await client.askingServer { try await client.send(.server(server.name)) }.value
      var change = API.ChangeServer()
      change.name = rename
      change.address = address
      change.port = options.port
      change.user = options.user
      change.privateKey = try options.privateKey()
      change.exposed = options.expose.map { $0 == .yes }
      change.stagePolicy = options.stagePolicy
      change.sharedWith = options.organisations
      change.note = options.note
      if noSharedFolders || !options.sharedFolder.isEmpty { change.sharedFolders = options.sharedFolder }
      if noFilestoreFolders || !options.filestoreFolder.isEmpty {
        change.filestoreFolders = options.filestoreFolder
      }
      change.hostKey = options.hostKey
      if options.acceptHostKey {
        change.hostKey = try await options.confirmedHostKey(
          client, address: address ?? before.address, port: options.port ?? before.port)
      }
      let answer = try await client.send(.changeServer(server.name, change))
      let changed = answer.value
      for note in changed.notes { Terminal.messages.line("Note: \(note)") }
      if let job = changed.job {
        let ended = try await client.wait(for: job, waiting, json: common.json)
        if ended.isFinished { try ended.requireSuccess() }
      }
      if common.json { return Terminal.output.json(answer.body) }
      Terminal.output.line("\(Terminal.output.style.done) \(changed.server.name) is saved")
    }
  }
}
