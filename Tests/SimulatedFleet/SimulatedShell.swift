import Foundation
import SimulatedDocker

@testable import Hosting
@testable import Remote

/// What the commands that Odeum runs on servers do on a simulated one. Each is known by its value: it must equal what
/// the product makes for what it is about, so a command that changed is told as unknown instead of being guessed at.
struct SimulatedShell {
  let machine: SimulatedMachine

  func run(_ command: Command) async -> CommandResult {
    if let fenced = Fenced(command) { return await run(fenced) }
    if let (folder, epoch, patience) = Self.raising(command) {
      return await machine.raise(epoch, in: folder, patience: patience)
    }
    return machine.change { state in
      Self.plain(command, &state, machine)
        ?? {
          state.unknown.append(command.description)
          return .said("\(command.program): not simulated", 127)
        }()
    }
  }

  private func run(_ fenced: Fenced) async -> CommandResult {
    guard let number = machine.change({ $0.begin(under: fenced.epoch, in: fenced.folder) }) else {
      let newest = machine.change { $0.epoch(in: fenced.folder) }
      return .said("\n\(fenced.nonce) stale \(newest)\n", FenceScript.refusal)
    }
    machine.witness(fenced.command.program, under: fenced.epoch)
    let result = await run(fenced.command)
    machine.change { $0.end(number) }
    return result
  }

  /// A command that runs under an epoch.
  private struct Fenced {
    var folder: String
    var epoch: Int
    var nonce: String
    var command: Command

    init?(_ command: Command) {
      let words = command.words.compactMap { $0.revealText() }
      guard words.count >= 7, words[1] == FenceScript.runningScript, let epoch = Int(words[4]) else {
        return nil
      }
      (folder, self.epoch, nonce) = (words[3], epoch, words[5])
      self.command = command
      self.command.program = words[6]
      self.command.words = Array(command.words.dropFirst(7))
      guard FenceScript.running(self.command, under: epoch, in: folder, nonce: nonce) == command else {
        return nil
      }
    }
  }

  private static func raising(_ command: Command) -> (folder: String, epoch: Int, patience: Int)? {
    let words = command.words.compactMap { $0.revealText() }
    guard words.count == 6, let epoch = Int(words[4]), let patience = Int(words[5]),
      FenceScript.raising(to: epoch, in: words[3], patience: patience) == command
    else { return nil }
    return (words[3], epoch, patience)
  }

  // MARK: - Plain commands

  private static func plain(
    _ command: Command, _ state: inout SimulatedMachine.State, _ machine: SimulatedMachine
  ) -> CommandResult? {
    let words = command.words.map { $0.revealText() ?? "" }
    let last = words.last ?? ""
    switch command {
    case Command("true"): return .said("")
    case ListeningSocket.command: return .said(machine.listenersTable)
    case HostFacts.command(diskAt: last): return .said(state.report(disk: machine.engine.isDiskFull))
    case HostFile.reading(last):
      guard let bytes = state.files.read(last) else {
        return .failed("cat: \(last): No such file or directory\n")
      }
      return CommandResult(exitStatus: .exited(0), stdout: bytes)
    case Command("test", "-e", Word(last)), Command("test", "-d", Word(last)):
      return .said("", state.files.isThere(last) ? 0 : 1)
    case DockerRuntime.asking(last): return .said(machine.httpStatus(of: last), 0)
    case DockerRuntime.listingMarks(in: last): return .said(marks(in: last, state.files))
    case DockerRuntime.askingForDaemon: return .said("1\n")
    // What this engine holds for ended has ended.
    case DockerRuntime.endingRuns(of: Array(words.dropFirst(3))): return .said("")
    case SharedAddonsLook.command(
      at: words.dropFirst(3).first ?? "", in: words.dropFirst(4).first ?? "", own: Array(words.dropFirst(5))):
      return .said(sharedAddons(Array(words.dropFirst(3)), state.files))
    case Command("mkdir", "-p").operands(Word(last)):
      state.files.makeFolder(last)
      return .said("")
    case Command("rm", "-rf").operands(Array(command.words.dropFirst(2))):
      for path in words.dropFirst(2) { state.files.remove(path) }
      return .said("")
    case InstanceFolder.emptying(words.first ?? ""):
      for path in state.files.list(words[0]) where !path.hasSuffix("/.odeum") { state.files.remove(path) }
      return .said("")
    case _ where words.count == 6 && words[1] == InstanceFolder.makingScript:
      return make(words[3], words[4], mark: words[5], &state, isFull: machine.engine.isDiskFull)
    default: return nil
    }
  }

  private static func make(
    _ parent: String, _ path: String, mark: String, _ state: inout SimulatedMachine.State, isFull: Bool
  ) -> CommandResult {
    guard !isFull else { return .failed("mkdir: cannot create directory: No space left on device\n") }
    guard !state.files.isThere(path) else { return .failed("mv: cannot overwrite: Directory not empty\n") }
    state.files.makeFolder("\(path).new/modules")
    state.files.write(Array(mark.utf8), to: "\(path).new/.odeum")
    state.files.move("\(path).new", to: path)
    return .said("")
  }

  /// What leads where, and what is at the first of the paths.
  private static func sharedAddons(_ paths: [String], _ files: SimulatedFiles) -> String {
    var fields = paths.map { files.realPath($0) ?? "" }
    if files.isFolder(fields[0]) { fields += ["folder", "readable"] }
    let modules = files.list(fields[0]).filter { files.read("\($0)/__manifest__.py") != nil }
    if !modules.isEmpty { fields.append("module") }
    return fields.map { $0 + "\0" }.joined()
  }

  private static func marks(in parent: String, _ files: SimulatedFiles) -> String {
    files.list(parent).flatMap { folder -> [String] in
      guard let mark = files.read("\(folder)/.odeum") else { return [] }
      return String(decoding: mark, as: UTF8.self).split(separator: "\n").map { "\(folder)/.odeum:\($0)\n" }
    }.joined()
  }
}

extension CommandResult {
  static func said(_ text: String, _ status: Int = 0) -> CommandResult {
    let isComplaint = status == FenceScript.refusal || status == 127
    return CommandResult(
      exitStatus: .exited(status), stdout: isComplaint ? [] : Array(text.utf8),
      stderr: isComplaint ? Array(text.utf8) : [])
  }

  static func failed(_ text: String) -> CommandResult {
    CommandResult(exitStatus: .exited(1), stderr: Array(text.utf8))
  }
}
