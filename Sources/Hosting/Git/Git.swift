import Remote

/// Git on a server, as commands: nothing here runs.
///
/// What is fetched is other people's, so nothing of the server's own gets near it: git asks nobody for a
/// password, uses no stored one, runs no hook, and speaks HTTP and SSH only.
struct Git: Sendable {
  /// The folder with the key `id` for repositories that are read over SSH, and with the hosts known so far.
  /// Plain letters only: git gives it to a shell.
  let keys: String
  /// The only way that it may go to a repository's host; nil: wherever that leads.
  var route: RepositoryRoute?

  /// Says which commit `branch` is at, nil being the repository's default branch. Nothing comes out where
  /// there is no such branch.
  func lookUp(_ branch: BranchName?, of repository: RepositoryAddress) -> Command {
    command("ls-remote", "--quiet").operands(Word(repository.text), Self.reference(branch))
  }

  /// Makes an empty repository without a work tree at `folder`. A template could bring hooks.
  func initialise(_ folder: String) -> Command {
    command("init", "--quiet", "--bare", "--template=").operands(Word(folder))
  }

  /// Brings the newest commit of `branch`, and it alone, into the repository at `folder`, where it is called
  /// `FETCH_HEAD` then.
  func fetch(_ branch: BranchName?, of repository: RepositoryAddress, into folder: String) -> Command {
    command(
      "--git-dir=\(folder)", "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules"
    ).operands(Word(repository.text), Self.reference(branch))
  }

  /// Prints the hash of what was fetched, a NUL byte, and the first line of its message.
  func describeFetched(in folder: String) -> Command {
    command(
      "--git-dir=\(folder)", "log", "-1", "--no-show-signature", "--format=%H%x00%s", "FETCH_HEAD", "--")
  }

  /// Writes the files of what was fetched into the empty folder `tree`.
  func checkOutFetched(in folder: String, to tree: String) -> Command {
    command(
      "--git-dir=\(folder)", "--work-tree=\(tree)", "checkout", "--quiet", "--force", "--detach",
      "FETCH_HEAD",
      "--")
  }

  private static func reference(_ branch: BranchName?) -> Word {
    branch.map { "refs/heads/\($0.text)" } ?? "HEAD"
  }

  private func command(_ words: Word...) -> Command {
    let configuration: [Word] = [
      "-c", "core.hooksPath=/dev/null", "-c", "credential.helper=", "-c", "http.lowSpeedLimit=1000", "-c",
      "http.lowSpeedTime=30",
    ]
    return Command(
      "git", words: configuration + (route?.configuration ?? []) + words, environment: environment)
  }

  private var environment: [String: Word] {
    let route = route.map { " " + $0.sshOptions } ?? ""
    let ssh =
      "ssh -F none -o BatchMode=yes -o ConnectTimeout=20 -o IdentityAgent=none -o IdentitiesOnly=yes"
      + " -o IdentityFile=\(keys)/id -o UserKnownHostsFile=\(keys)/known_hosts -o StrictHostKeyChecking=accept-new"
      + route
    return [
      // The messages by which failures are told apart.
      "LC_ALL": "C",
      "GIT_ALLOW_PROTOCOL": "http:https:ssh",
      "GIT_TERMINAL_PROMPT": "0",
      // Empty: no program is asked for a password either.
      "GIT_ASKPASS": "",
      // Neither the settings of the user that Odeum runs as, nor the passwords in his .netrc.
      "GIT_CONFIG_GLOBAL": "/dev/null",
      "HOME": "/nonexistent",
      // What a repository says of large files leads to addresses that nobody has looked at.
      "GIT_LFS_SKIP_SMUDGE": "1",
      "GIT_SSH_COMMAND": Word(ssh),
    ]
  }
}
