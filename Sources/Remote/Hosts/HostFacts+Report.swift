import Foundation

extension HostFacts {
  /// What a report lacked.
  struct Unreadable: Error {
    var detail: String
  }

  /// A fixed script, to which the path is an argument. Each part of its report follows a line `== name`.
  private static let script = """
    set -e
    echo '== cores'; nproc
    echo '== memory'; cat /proc/meminfo
    echo '== load'; cat /proc/loadavg
    echo '== machine'; uname -m
    echo '== system'; cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release
    echo '== disk'; stat -f -c '%S %b %a %c %d' -- "$1"
    """

  /// The command whose output `init(report:)` reads.
  static func command(diskAt path: String) -> Command {
    Command("sh", "-c", Word(script), "sh", Word(path), environment: ["LC_ALL": "C"])
  }

  /// Reads the output of `command(diskAt:)`.
  init(report: String) throws(Unreadable) {
    let parts = Self.parts(of: report)
    func part(_ name: String) throws(Unreadable) -> [Substring] {
      guard let lines = parts[name], !lines.isEmpty else { throw Unreadable(detail: "no part “\(name)”") }
      return lines
    }
    func numbers<Number: LosslessStringConvertible>(
      _ line: Substring, atLeast count: Int, in name: String
    ) throws(Unreadable) -> [Number] {
      let numbers = line.split(separator: " ").prefix(count).compactMap { Number(String($0)) }
      guard numbers.count == count else { throw Unreadable(detail: "the part “\(name)” reads “\(line)”") }
      return numbers
    }

    let memory = Self.memory(try part("memory"))
    func kilobytes(_ key: String) throws(Unreadable) -> Int {
      guard let value = memory[key] else { throw Unreadable(detail: "no \(key) in /proc/meminfo") }
      return value * 1024
    }
    let disk: [Int] = try numbers(try part("disk")[0], atLeast: 5, in: "disk")
    let load: [Double] = try numbers(try part("load")[0], atLeast: 3, in: "load")
    let system = Self.assignments(try part("system"))
    self.init(
      cores: (try numbers(try part("cores")[0], atLeast: 1, in: "cores"))[0],
      memoryTotal: try kilobytes("MemTotal"), memoryAvailable: try kilobytes("MemAvailable"),
      swapTotal: try kilobytes("SwapTotal"), swapFree: try kilobytes("SwapFree"),
      disk: DiskFacts(
        total: disk[0] * disk[1], available: disk[0] * disk[2], inodesTotal: disk[3], inodesFree: disk[4]),
      load: Load(one: load[0], five: load[1], fifteen: load[2]),
      osName: system["NAME"] ?? "Linux", osVersion: system["VERSION_ID"] ?? "",
      architecture: String(try part("machine")[0]))
  }

  private static func parts(of report: String) -> [String: [Substring]] {
    var parts: [String: [Substring]] = [:]
    var current: String?
    for line in report.split(separator: "\n") {
      if line.hasPrefix("== ") {
        current = String(line.dropFirst(3))
      } else if let current {
        parts[current, default: []].append(line)
      }
    }
    return parts
  }

  /// Lines such as `MemTotal:  24617148 kB`.
  private static func memory(_ lines: [Substring]) -> [String: Int] {
    var memory: [String: Int] = [:]
    for line in lines {
      let fields = line.split(whereSeparator: { $0 == ":" || $0 == " " })
      if fields.count >= 2, let value = Int(fields[1]) { memory[String(fields[0])] = value }
    }
    return memory
  }

  /// Lines such as `NAME="Debian GNU/Linux"`.
  private static func assignments(_ lines: [Substring]) -> [String: String] {
    var values: [String: String] = [:]
    for line in lines {
      guard let equals = line.firstIndex(of: "=") else { continue }
      let value = line[line.index(after: equals)...].trimmingCharacters(in: CharacterSet(charactersIn: "\"'"))
      values[String(line[..<equals])] = value
    }
    return values
  }
}
