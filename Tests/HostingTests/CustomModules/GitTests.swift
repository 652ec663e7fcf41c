import Odoo
import Remote
import Testing

@testable import Hosting

@Suite struct GitCommandTests {
  let git = Git(keys: "/srv/keys")
  let repository: RepositoryAddress
  let branch: BranchName

  init() throws {
    repository = try RepositoryAddress("https://host/shop.git")
    branch = try BranchName("19.0")
  }

  /// The words behind the settings that every command has.
  func words(_ command: Command) -> [String] {
    let words = command.words.map(\.description)
    #expect(command.program == "git")
    #expect(
      words.prefix(8)
        == [
          "-c", "core.hooksPath=/dev/null", "-c", "credential.helper=", "-c", "http.lowSpeedLimit=1000", "-c",
          "http.lowSpeedTime=30",
        ])
    return Array(words.dropFirst(8))
  }

  @Test func `an operand stands where git would read an option`() {
    #expect(
      words(git.lookUp(branch, of: repository))
        == ["ls-remote", "--quiet", "--", "https://host/shop.git", "refs/heads/19.0"])
    #expect(
      words(git.lookUp(nil, of: repository)) == [
        "ls-remote", "--quiet", "--", "https://host/shop.git", "HEAD",
      ])
    #expect(
      words(git.fetch(branch, of: repository, into: "/x/r"))
        == [
          "--git-dir=/x/r", "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--",
          "https://host/shop.git", "refs/heads/19.0",
        ])
    #expect(words(git.initialise("/x/r")) == ["init", "--quiet", "--bare", "--template=", "--", "/x/r"])
    #expect(
      words(git.checkOutFetched(in: "/x/r", to: "/x/t"))
        == [
          "--git-dir=/x/r", "--work-tree=/x/t", "checkout", "--quiet", "--force", "--detach", "FETCH_HEAD",
          "--",
        ])
  }

  @Test func `git may ask somebody, use what the server's user has, or speak another protocol`() {
    for command in [git.lookUp(nil, of: repository), git.fetch(nil, of: repository, into: "/x")] {
      let environment = command.environment.mapValues(\.description)
      #expect(environment["GIT_ALLOW_PROTOCOL"] == "http:https:ssh")
      #expect(environment["GIT_TERMINAL_PROMPT"] == "0")
      #expect(environment["GIT_ASKPASS"] == "")
      #expect(environment["GIT_CONFIG_GLOBAL"] == "/dev/null")
      #expect(environment["HOME"] == "/nonexistent")
      #expect(environment["LC_ALL"] == "C")
      let ssh = environment["GIT_SSH_COMMAND"] ?? ""
      for part in ["-F none", "BatchMode=yes", "IdentityAgent=none", "IdentityFile=/srv/keys/id"] {
        #expect(ssh.contains(part))
      }
    }
  }
}

@Suite struct GitFailureTests {
  @Test(arguments: [
    ("fatal: couldn't find remote ref refs/heads/19.0", HostingError.Code.invalid, "has no branch “19.0”"),
    (
      "fatal: could not read Username for 'https://github.com': terminal prompts disabled", .invalid,
      "asks for a password"
    ),
    ("fatal: Authentication failed for 'https://host/shop.git/'", .invalid, "asks for a password"),
    ("error: The requested URL returned error: 403", .invalid, "asks for a password"),
    (
      "git@host: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.",
      .invalid, "does not take the key of web1"
    ),
    (
      "Host key verification failed.\nfatal: Could not read from remote repository.", .invalid,
      "another SSH key"
    ),
    (
      "fatal: unable to access 'https://host/shop.git/': SSL certificate problem: self-signed certificate",
      .invalid, "is not trusted on web1"
    ),
    (
      "fatal: unable to access 'https://host/': Could not resolve host: host", .unavailable,
      "Could not resolve host: host"
    ),
    (
      "ssh: connect to host host port 22: Connection refused\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.",
      .unavailable, "cannot be reached from web1: ssh: connect to host host port 22: Connection refused"
    ),
    (
      "fatal: unable to access 'https://host/': Failed to connect to host port 443 after 1 ms: Couldn't connect to server",
      .unavailable, "cannot be reached"
    ),
    ("fatal: unable to access 'https://host/': The requested URL returned error: 502", .unavailable, "502"),
    ("fatal: repository 'https://host/shop.git/' not found", .invalid, "There is no repository at"),
    (
      "ERROR: Repository not found.\nfatal: Could not read from remote repository.", .invalid,
      "There is no repository at"
    ),
    (
      "fatal: https://host/shop.git/info/refs not valid: is this a git repository?", .invalid,
      "There is no repository at"
    ),
    ("fatal: dumb http transport does not support shallow capabilities", .invalid, "plain files"),
    ("fatal: write error: No space left on device", .unavailable, "The disk of web1 is full"),
    ("fatal: the moon is in the way\u{1B}[31m", .invalid, "the moon is in the way"),
    ("", .invalid, "it said nothing"),
  ])
  func `a failure of git is told as something else, or tried again in vain`(
    words: String, code: HostingError.Code, text: String
  ) throws {
    let error = HostingError.git(
      words, repository: try RepositoryAddress("https://host/shop.git"), branch: try BranchName("19.0"),
      server: "web1")
    #expect(error.code == code)
    #expect(error.message.contains(text), "\(error.message)")
    #expect(!error.message.unicodeScalars.contains("\u{1B}"))
    #expect(error.suggestion?.isEmpty == false)
  }
}
