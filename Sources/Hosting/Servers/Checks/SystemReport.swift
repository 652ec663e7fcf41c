import Foundation
import Remote

/// What a server says of itself, read with one command as the user who signs in.
struct SystemReport: Sendable, Equatable {
  /// Whether the user may open something.
  enum Opening: String, Sendable {
    /// It is not there.
    case missing
    /// It is there, and the user may not use it.
    case closed
    /// The user may use it.
    case open
  }

  var user: String
  /// How the user becomes root; nil where he cannot without a password.
  var privilege: Privilege?
  /// `/etc/machine-id`, empty where there is none.
  var machine: String
  /// `ID` of os-release, such as `debian`, and the ones that it says it is like.
  var distributions: [String]
  /// `PRETTY_NAME` of os-release.
  var system: String
  var architecture: String
  /// The server's clock, in seconds since 1970.
  var clock: Double
  /// Whether systemd manages services.
  var hasSystemd: Bool
  /// Those of `programs` that it has.
  var programs: Set<String>
  /// The Docker engine's socket.
  var dockerSocket: Opening
  /// The folder of this installation.
  var folder: Opening
  /// The folder of instances.
  var instancesFolder: Opening
  /// Whether a name of an init system's user is in its group `docker`.
  var isInDockerGroup: Bool
  /// Whether the kernel confines programs with AppArmor.
  var hasAppArmor: Bool
}

extension SystemReport {
  /// Programs that are looked for.
  static let programs = [
    "apparmor_parser", "apt-get", "certbot", "curl", "dockerd", "flock", "git", "iptables", "nginx", "restic",
    "setsid", "systemctl",
  ]

  /// The command whose output `init(report:)` reads.
  static func command(dockerSocket: String, folder: String, instancesFolder: String) -> Command {
    let script = """
      PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
      export PATH
      socket=$1 folder=$2 instances=$3
      shift 3
      usable() {
        if ! [ -e "$1" ]; then
          if [ "$(id -u)" = 0 ]; then echo open; else echo missing; fi
        elif [ -r "$1" ] && [ -w "$1" ]; then echo open
        else echo closed
        fi
      }
      echo "user=$(id -un)"
      if [ "$(id -u)" = 0 ]; then echo privilege=root
      elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then echo privilege=sudo
      else echo privilege=
      fi
      for group in $(id -Gn); do if [ "$group" = docker ]; then echo docker_group=yes; fi; done
      echo "machine=$(cat /etc/machine-id 2>/dev/null)"
      echo "architecture=$(uname -m)"
      echo "clock=$(date +%s.%N)"
      if [ -d /run/systemd/system ]; then echo systemd=yes; fi
      if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; then echo apparmor=yes; fi
      for program in "$@"; do
        if command -v "$program" >/dev/null; then echo "program.$program=yes"; fi
      done
      if [ -S "$socket" ]; then echo "socket=$(usable "$socket")"; else echo socket=missing; fi
      echo "folder=$(usable "$folder")"
      echo "instances=$(usable "$instances")"
      if [ -r /etc/os-release ]; then sed 's/^/os./' /etc/os-release; else sed 's/^/os./' /usr/lib/os-release; fi
      """
    return Command(
      "sh",
      words: ["-c", Word(script), "sh", Word(dockerSocket), Word(folder), Word(instancesFolder)]
        + programs.map { Word($0) }, environment: ["LC_ALL": "C"])
  }

  /// Reads the output of `command`.
  ///
  /// - Throws: `HostError.unexpectedOutput`.
  init(report: String, host: String) throws(HostError) {
    var values: [String: String] = [:]
    for line in report.split(separator: "\n") {
      guard let equals = line.firstIndex(of: "=") else { continue }
      values[String(line[..<equals])] = line[line.index(after: equals)...]
        .trimmingCharacters(in: CharacterSet(charactersIn: "\"'"))
    }
    guard let user = values["user"], let clock = values["clock"].flatMap(Double.init),
      let architecture = values["architecture"]
    else {
      throw HostError.unexpectedOutput(
        command: "The look at the system", host: host, detail: String(report.prefix(300)))
    }
    self.user = user
    self.clock = clock
    self.architecture = architecture
    privilege = ["root": .root, "sudo": .sudo][values["privilege"] ?? ""]
    machine = values["machine"] ?? ""
    distributions =
      [values["os.ID"] ?? ""] + (values["os.ID_LIKE"] ?? "").split(separator: " ").map(String.init)
    system = values["os.PRETTY_NAME"] ?? values["os.NAME"] ?? "an unknown system"
    hasSystemd = values["systemd"] != nil
    hasAppArmor = values["apparmor"] != nil
    isInDockerGroup = values["docker_group"] != nil
    programs = Set(Self.programs.filter { values["program.\($0)"] != nil })
    func opening(_ name: String) -> Opening { values[name].flatMap(Opening.init) ?? .missing }
    dockerSocket = opening("socket")
    folder = opening("folder")
    instancesFolder = opening("instances")
  }
}

extension ServerVisit {
  /// What the server says of itself now.
  func report(_ hosting: Hosting) async throws -> SystemReport {
    let command = SystemReport.command(
      dockerSocket: dockerSocket, folder: OdeumFolders.ofInstallation(hosting.installation),
      instancesFolder: hosting.configuration.instancesFolder)
    return try SystemReport(
      report: try await host.text(of: command, deadline: .seconds(60)), host: server.name)
  }
}
