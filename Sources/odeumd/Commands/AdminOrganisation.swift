import ArgumentParser
import Hosting

extension Admin {
  /// Makes organisations.
  struct Organisation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the organisations, or make one.", subcommands: [List.self, Create.self],
      defaultSubcommand: List.self)

    /// Lists them.
    struct List: AsyncParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "List the organisations: slug, name, members.")

      func run() async throws {
        try await withHosting { hosting, _ in
          for organisation in try await hosting.organisations(
            by: try await hosting.person(Hosting.firstEmail))
          {
            print("\(organisation.slug)\t\(organisation.name)\t\(organisation.members)")
          }
        }
      }
    }

    /// Makes one.
    struct Create: AsyncParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "Make an organisation.",
        discussion:
          "It has no servers until an operator shares some with it: odeum server edit NAME --shared-with …")

      @Argument(help: "What stands in addresses: letters a to z, digits and hyphens.")
      var slug: String

      @Option(help: "What people call it; the slug unless given.")
      var name: String?

      @Option(help: "The address of its first owner, who is known here.")
      var owner = Hosting.firstEmail

      func run() async throws {
        try await withHosting { hosting, _ in
          let made = try await hosting.createOrganisation(
            slug: slug, name: name, owner: owner, by: try await hosting.person(Hosting.firstEmail))
          print("\(made.slug) is made; \(owner) is its owner.")
        }
      }
    }
  }
}
