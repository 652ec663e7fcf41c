import ArgumentParser
import Foundation
import Hosting
import Logging

/// What only somebody at the machine may do.
struct Admin: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Help somebody in who is locked out, keep the master key, check the audit log.",
    discussion: "Everything but `key rotate` works while the control plane runs and while it does not.",
    subcommands: [
      Link.self, SecondFactorOff.self, Token.self, Installation.self, AdoptLocal.self, Audit.self, Key.self,
      Organisation.self,
    ])

  /// Makes a sign-in link.
  struct Link: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a link that signs a person in once.",
      discussion: "By default the person chooses a new password with it; with --sign-in the password stays.")

    @Option(help: "The person's address.")
    var email = Hosting.firstEmail

    @Flag(help: "Sign in without changing the password; the link is good for ten minutes.")
    var signIn = false

    func run() async throws {
      try await withHosting { hosting, settings in
        let secret = try await hosting.makeSignInLink(
          for: email, purpose: signIn ? .signIn : .setPassword,
          lifetime: signIn ? .seconds(600) : .seconds(24 * 3600))
        print(
          try settings.consoleURL().appending(path: "sign-in/link").appending(
            queryItems: [URLQueryItem(name: "token", value: secret.reveal())]
          ).absoluteString)
      }
    }
  }

  /// Turns a second factor off.
  struct SecondFactorOff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Turn the second factor of a person off who has lost it.",
      discussion: "The person signs in with the password alone until a second factor is set up anew.")

    @Option(help: "The person's address.")
    var email = Hosting.firstEmail

    func run() async throws {
      try await withHosting { hosting, _ in
        try await hosting.resetSecondFactor(of: email)
        print("\(email) signs in without a second factor from now on.")
      }
    }
  }

  /// Makes an API token.
  struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a new API token of a person.")

    @Option(help: "The person's address.")
    var email = Hosting.firstEmail

    @Option(help: "What the token is for.")
    var name = "odeumd admin token"

    @Option(
      help: ArgumentHelp(
        "The organisation that it is for; the first that the person joined.", valueName: "slug"))
    var organisation: String?

    func run() async throws {
      try await withHosting { hosting, _ in
        let actor = try await hosting.person(email, in: organisation)
        print(try await hosting.createToken(name: name, expiresAt: nil, by: actor).secret.reveal())
      }
    }
  }
}

extension Admin {
  /// Says which installation this is.
  struct Installation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the installation's id, which is on every label of ours on every host.")

    func run() async throws {
      try await withHosting { hosting, _ in print(hosting.installation.uuidString) }
    }
  }
}

extension Admin {
  /// Takes another machine's place.
  struct AdoptLocal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make this machine the server “local”, after the control plane was moved or restored here.",
      discussion: """
        Only where the former machine is gone or no longer runs instances: what the database says of the instances of \
        “local” is held against this machine from then on.
        """)

    func run() async throws {
      try await withHosting { hosting, _ in
        print("\(try await hosting.adoptLocalServer()) is this machine from now on.")
      }
    }
  }
}

extension AsyncParsableCommand {
  /// Lends the installation to `body`.
  func withHosting(_ body: (Hosting, Settings) async throws -> Void) async throws {
    let settings = Settings()
    LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }
    try await tellingFailures {
      let state = try await State.attach(settings, logger: Logger(label: "odeumd"))
      do {
        try await body(state.hosting, settings)
        await state.close()
      } catch {
        await state.close()
        throw error
      }
    }
  }

  /// Runs `body`; a failure is told in words, with exit status 1.
  func tellingFailures(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let exit as ExitCode {
      throw exit
    } catch {
      FileHandle.standardError.write(Data("odeumd: \(error)\n".utf8))
      throw ExitCode(1)
    }
  }
}
