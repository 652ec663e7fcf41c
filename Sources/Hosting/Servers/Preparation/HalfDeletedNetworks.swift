import Remote

/// What lets Docker start again where it was ended while it deleted a network.
///
/// Until 20.10.24, which Debian 12 has, and in 23.0 until 23.0.4, it writes down such a network without its addresses
/// before it deletes it. One that is ended in between stumbles over that at every start (moby 45057, mended by 45310),
/// and everything on the server is down until a person takes Docker’s record of all networks away. So what Docker
/// stumbles over is taken out of the record before each start; Docker then ends the deletion.
enum HalfDeletedNetworks {
  /// Where the program is, and the words by which systemd runs it before Docker.
  static let program = "/usr/local/lib/odeum/half-deleted-networks"
  static let unit = "/etc/systemd/system/docker.service.d/odeum.conf"

  /// Whether Docker of this version needs it: `20.10.24+dfsg1`, `23.0.1`.
  static func concerns(_ version: String) -> Bool {
    let numbers = version.prefix { $0.isNumber || $0 == "." }.split(separator: ".").map { Int($0) ?? 0 }
    return numbers.lexicographicallyPrecedes([20, 10, 25])
      || (!numbers.lexicographicallyPrecedes([23, 0, 0]) && numbers.lexicographicallyPrecedes([23, 0, 5]))
  }

  /// Puts both there for a Docker that keeps its things in `folder`. Docker is not restarted.
  static func installing(for folder: String) -> Command {
    let script = """
      set -eu
      put() {
        mkdir -p -- "$(dirname -- "$1")"
        printf '%s' "$2" > "$1.odeum"
        chmod "$3" -- "$1.odeum"
        mv -fT -- "$1.odeum" "$1"
      }
      put "$1" "$2" 0755
      put "$3" "$4" 0644
      systemctl daemon-reload
      """
    return Command(
      "sh", "-c", Word(script), "sh", Word(program), Word(mending), Word(unit), Word(starting(folder)))
  }

  /// The addition to Docker’s unit. Docker starts whatever becomes of the program.
  static func starting(_ folder: String) -> String {
    // A percent sign, a quotation mark and a backslash mean something to systemd.
    let file = "\(folder)/network/files/local-kv.db"
      .replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%")
    return """
      # Written by Odeum: lets Docker start where it was ended while it deleted a network (moby 45057).
      [Service]
      ExecStartPre=-\(program) "\(file)"

      """
  }

  /// The program. Docker’s record is a bolt database, whose pages of data have no checksums, and a field of a network
  /// gets another name of the same length in place: nothing is moved, and a crash leaves the record as it was or mended.
  static let mending = #"""
    #!/usr/bin/perl
    # Written by Odeum: lets Docker start where it was ended while it deleted a network (moby 45057).
    # A network that is being deleted and has no addresses any more must not have settings for them either.
    use strict;
    use warnings;
    my ($path) = @ARGV;
    -e $path or exit 0;
    open(my $file, "+<:raw", $path) or die "$path: $!\n";
    my $record = do { local $/; <$file> };
    while ($record =~ /"inDelete":true,[^\0]{0,8192}?"(ipamV([46])Config)":"(?:[^"\\\0]|\\.)*",(?!"ipamV\2Info")/s) {
      my ($at, $name) = ($-[1], "ipamV${2}Ended_");
      substr($record, $at, length $name) = $name;
      seek($file, $at, 0) or die "$path: $!\n";
      print $file $name or die "$path: $!\n";
    }
    close($file) or die "$path: $!\n";

    """#
}
