import Remote

/// What is put on a server that is to hold instances, as commands: nothing here runs.
enum Provisions {
  /// The Debian packages of which `report` shows that they are missing.
  static func missingPackages(_ report: SystemReport) -> [String] {
    var packages = [
      ("curl", "curl"), ("dockerd", "docker.io"), ("iptables", "iptables"), ("nginx", "nginx"),
      ("certbot", "certbot"), ("restic", "restic"), ("git", "git"), ("flock", "util-linux"),
    ].filter { !report.programs.contains($0.0) }.map(\.1)
    // Docker itself may be another packager's, whose socket is then there.
    if report.dockerSocket != .missing { packages.removeAll { $0 == "docker.io" } }
    if report.hasAppArmor, !report.programs.contains("apparmor_parser") { packages.append("apparmor") }
    return packages
  }

  /// Makes the folders of Odeum, those that are there excepted: `user` works in the inner ones, and takes over in them
  /// what was the one's who worked there before.
  static func folders(of user: String, installation folder: String, instances: String) -> Command {
    let script = """
      set -eu
      user=$1 root=$2 folder=$3 instances=$4
      # Also where they are there: whoever worked here before as root had no need of others' way in.
      install -d -m 0711 -- "$root"
      own() {
        [ -d "$1" ] || install -d -o "$user" -- "$1"
        # The folder itself last: as long as it is the former one's, the next try goes on with what is in it.
        find "$1" -xdev -depth -user "$(stat -c %u -- "$1")" ! -user "$user" -exec chown -h -- "$user" {} +
        chmod "$2" -- "$1"
      }
      own "$folder" 0700
      own "$instances" 0711
      """
    return Command(
      "sh", "-c", Word(script), "sh", Word(user), Word(OdeumFolders.root), Word(folder), Word(instances))
  }

  /// Brings the lists of packages up to date and installs `packages`. Questions are answered with what keeps the
  /// server as it is; somebody else’s run of apt is waited for.
  static func installing(_ packages: [String]) -> Command {
    let script = """
      set -eu
      # dpkg does not wait for who holds its lock, as apt does.
      end=$(($(date +%s) + 900))
      until said=$(dpkg --configure -a 2>&1); do
        printf '%s\\n' "$said" >&2
        case $said in
          *lock*"by another process"*) [ "$(date +%s)" -lt "$end" ] ;;
          *) false ;;
        esac || exit 1
        sleep 5
      done
      printf '%s\\n' "$said"
      apt-get -q -o DPkg::Lock::Timeout=900 -o Acquire::Retries=3 update
      exec apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=900 -o Acquire::Retries=3 \\
        -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install -- "$@"
      """
    return Command(
      "sh", words: ["-c", Word(script), "sh"] + packages.map { Word($0) },
      environment: [
        "DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1", "LC_ALL": "C.UTF-8",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      ])
  }

  /// Starts Docker now and at every start of the server.
  static let startingDocker = Command("systemctl", "enable", "--now").operands("docker.service")

  /// Has Docker read its settings anew; containers do not notice.
  static let reloadingDocker = Command("systemctl", "reload").operands("docker.service")

  /// Writes Docker's settings, whole or not at all.
  static func writingDaemonSettings(_ text: String) -> Command {
    let script = """
      set -eu
      mkdir -p -- "$(dirname -- "$1")"
      cat > "$1.odeum"
      chmod 0644 -- "$1.odeum"
      mv -fT -- "$1.odeum" "$1"
      """
    return Command("sh", "-c", Word(script), "sh", Word(DaemonSettings.path), input: Array(text.utf8))
  }

  /// Lets `user` use Docker.
  static func lettingUseDocker(_ user: String) -> Command {
    Command("usermod", "-a", "-G", "docker").operands(Word(user))
  }
}
