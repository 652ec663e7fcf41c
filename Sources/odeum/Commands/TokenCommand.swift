import ArgumentParser
import Client
import Foundation

/// `odeum token …`
struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Your API tokens.",
    subcommands: [ListTokens.self, CreateToken.self, RevokeToken.self])
}

/// `odeum token list`
struct ListTokens: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List your tokens.", aliases: ["ls"])

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { try await $0.send(.tokens) }
    if common.json { return Terminal.output.json(answer.body) }
    var table = Table(head: ["ID", "NAME", "MADE", "LAST USED", "ENDS"])
    table.rows = answer.value.items.map { token in
      [
        token.id.uuidString.lowercased(), token.name, token.createdAt.ago(),
        token.lastUsedAt?.ago() ?? "never",
        token.expiresAt?.local ?? "never",
      ]
    }
    Terminal.output.show(table)
  }
}

/// `odeum token create NAME`
struct CreateToken: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a token. Its secret is said this once.")

  @Argument(help: "What it is for.")
  var name: String

  @Option(help: ArgumentHelp("After how many days it ends; never unless given.", valueName: "n"))
  var days: Int?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let expiresAt = days.map { Date(timeIntervalSinceNow: Double($0) * 86_400) }
    let call = try API.Call.createToken(name: name, expiresAt: expiresAt)
    let answer = try await common.connected { try await $0.send(call) }
    if common.json { return Terminal.output.json(answer.body) }
    Terminal.messages.line("Token “\(answer.value.name)”, said this once:")
    Terminal.output.line(answer.value.secret ?? "")
  }
}

/// `odeum token revoke ID`
struct RevokeToken: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "revoke", abstract: "End a token at once.")

  @Argument(help: "The token's id.")
  var id: String

  @OptionGroup var common: CommonOptions

  func run() async throws {
    guard let uuid = UUID(uuidString: id) else {
      throw CommandFailure(status: .usage, message: "“\(id)” is no token's id.", next: "odeum token list")
    }
    do {
      _ = try await common.connected { try await $0.send(.revokeToken(uuid)) }
    } catch {
      throw error.advising("odeum token list", for: .notFound)
    }
    if !common.json { Terminal.output.line("\(Terminal.output.style.done) The token has ended") }
  }
}
