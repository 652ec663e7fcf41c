import ArgumentParser
import Client
import Foundation

/// The command line: everything that it does goes through the HTTP API.
@main
struct Odeum: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "odeum",
    abstract: "Odoo hosting on your own servers.",
    discussion: """
      Sign in once with “odeum login”; after that every command goes to that server. ODEUM_URL and ODEUM_TOKEN, where \
      they are set, take its place.
      """,
    subcommands: [
      Login.self, ContextCommand.self, InstanceCommand.self, ServerCommand.self, JobCommand.self,
      MemberCommand.self, AuditCommand.self, TokenCommand.self, AccountCommand.self, OrganisationCommand.self,
      InstallationCommand.self, Open.self, Version.self,
    ])

  static func main() async {
    // Who reads our output from a pipe may stop reading; that is no reason to die.
    signal(SIGPIPE, SIG_IGN)
    Foundation.exit(await run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  /// Runs the command that `arguments` name, and tells of what went wrong.
  static func run(_ arguments: [String]) async -> ExitStatus {
    // As an option of its own, `--version` would hide that of `instance create`.
    let arguments = arguments == ["--version"] ? ["version"] : arguments
    var words = "odeum"
    do {
      var command = try await asyncParseAsRoot(arguments)
      words = Self.words(for: type(of: command)) ?? words
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return .done
    } catch let failure where Self.exitCode(for: failure) == .success {
      Terminal.output.line(Self.fullMessage(for: failure))
      return .done
    } catch let failure where Self.exitCode(for: failure) == .validationFailure {
      Terminal.messages.line(Self.fullMessage(for: failure))
      return .usage
    } catch {
      let failure = CommandFailure(error, in: words)
      for line in failure.lines(Terminal.messages.style) { Terminal.messages.line(line) }
      return failure.status
    }
  }
}

extension ParsableCommand {
  /// What one types for `command`, which is this one or one below it: `odeum instance list`.
  static func words(for command: any ParsableCommand.Type) -> String? {
    if command == Self.self { return _commandName }
    return configuration.subcommands.lazy.compactMap { $0.words(for: command) }.first.map {
      "\(_commandName) \($0)"
    }
  }
}

/// `odeum version`
struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the version of this program.")

  func run() { Terminal.output.line("odeum \(Release.version)") }
}
