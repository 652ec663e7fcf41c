import Foundation
import Hosting
import Odoo

/// The parts of an instance's pages.
enum InstanceTab: String, CaseIterable {
  case overview, queue, logs, mail, settings

  var label: String { rawValue.capitalized }

  var icon: String {
    switch self {
    case .overview: "instance"
    case .queue: "jobs"
    case .logs: "terminal"
    case .mail: "mail"
    case .settings: "settings"
    }
  }

  /// Whether `actor` has a use for it. Nothing catches the mail of an instance in production.
  func isVisible(of instance: Instance, to actor: Actor) -> Bool {
    switch self {
    case .logs: actor.can(.viewLogs)
    case .mail: actor.can(.connectAsUsers) && instance.stage != .production
    case .overview, .queue, .settings: true
    }
  }
}

extension InstanceHeader {
  /// - Parameter work: the job that is under way, if it is known.
  init(_ instance: Instance, work: Hosting.Operation?, tab: InstanceTab, _ actor: Actor) {
    self.init(
      name: instance.name.text, stage: instance.stage.rawValue, stageText: instance.stage.text,
      state: instance.status.state, reason: instance.statusReason, since: Moment(instance.statusSince),
      jobHref: (instance.statusJob ?? instance.activeJob).map { "/jobs/\($0)" }, url: instance.url,
      address: instance.url, version: instance.version.description,
      edition: instance.edition.description.capitalized,
      server: instance.server.name, actions: Self.actions(instance, actor), work: work.flatMap(Work.init),
      pending: Pending(instance),
      outOfSight: instance.outOfSight.map {
        OutOfSight(reason: $0, seen: instance.seenAt.map { Moment($0) })
      },
      tabs: InstanceTab.allCases.filter { $0.isVisible(of: instance, to: actor) }.map { entry in
        Tab(
          id: "tab-\(entry)", label: entry.label, icon: entry.icon,
          href: entry == .overview ? instance.path : "\(instance.path)/\(entry)", current: entry == tab,
          count: entry == .queue && instance.activeJob != nil ? 1 : nil)
      })
  }

  /// What can be done, by permission; what cannot be done now is there, and says why.
  private static func actions(_ instance: Instance, _ actor: Actor) -> [ActionView] {
    let name = instance.name.text
    let busy = instance.activeJob == nil ? nil : "A job is under way. Wait until it has ended, or cancel it."
    var actions = [
      ActionView(
        id: "open", label: "Open", icon: "open", style: "primary", href: instance.url, newTab: true,
        refused: instance.status == .running
          ? nil : "\(name) does not answer now: it is \(instance.status.rawValue).")
    ]
    let isDown = [.stopped, .failed, .sleeping].contains(instance.status)
    if actor.can(.restartInstances) {
      if isDown {
        actions.append(
          ActionView(
            id: "start", label: "Start", icon: "play", href: "\(instance.path)/start", post: true,
            refused: busy))
      }
      actions.append(
        ActionView(
          id: "restart", label: "Restart", icon: "restart", href: "\(instance.path)/restart", dialog: true,
          refused: busy ?? (instance.status == .stopped ? "\(name) is stopped. Start it instead." : nil)))
    }
    if actor.can(.stopInstances) {
      actions.append(
        ActionView(
          id: "stop", label: "Stop", icon: "stop", style: "warn", href: "\(instance.path)/stop", dialog: true,
          refused: busy ?? (instance.status == .stopped ? "\(name) is stopped already." : nil)))
    }
    if actor.can(.removeInstances) {
      actions.append(
        ActionView(
          id: "remove", label: "Remove", icon: "trash", style: "danger", href: "\(instance.path)/remove",
          dialog: true,
          refused: removalRefusal(instance)))
    }
    return actions
  }

  /// Why `instance` cannot be removed now, in the words of the domain's own refusal.
  static func removalRefusal(_ instance: Instance) -> String? {
    if instance.status == .removing { return "It is being removed already." }
    guard instance.stage == .production, instance.appliedSettings != nil, instance.status != .creating else {
      return nil
    }
    return
      "\(instance.name) is in production, and such instances are not removed. Move it to another stage first, under Settings."
  }
}

extension InstanceHeader.Work {
  init?(_ job: Hosting.Operation) {
    guard !job.isFinished else { return nil }
    let at =
      job.steps.firstIndex { $0.state == .running } ?? job.steps.firstIndex { $0.state == .pending } ?? 0
    let step = job.steps.indices.contains(at) ? job.steps[at] : nil
    let waits = job.state == .queued ? job.reason ?? "It waits for its turn." : nil
    self.init(
      title: job.title,
      step: waits ?? [step?.name, step?.progressText].compactMap(\.self).joined(separator: ": "),
      count: job.steps.isEmpty ? "Log" : "Step \(at + 1) of \(job.steps.count)", percent: job.percent,
      href: "/jobs/\(job.id)")
  }
}

extension InstanceHeader.Told {
  /// What to say of `job`; nil where it failed, which is said anyway.
  init?(_ job: Hosting.Operation, of instance: Instance) {
    let flash: Flash? =
      switch job.state {
      case .queued, .running: Flash(kind: .info, text: "\(instance.name) \(job.underWay).")
      case .succeeded: Flash(kind: .good, text: "\(instance.name) \(job.outcome).")
      case .cancelled:
        Flash(kind: .warn, text: "\(job.title): cancelled.", notes: [job.reason].compactMap(\.self))
      case .failed: nil
      }
    guard let flash else { return nil }
    self.init(flash: flash, job: job.id.uuidString)
  }
}

extension InstanceHeader.Failure {
  /// Why `job`, the last one, failed; nil where it did not.
  init?(_ job: Hosting.Operation, of instance: Instance) {
    guard job.state == .failed, instance.activeJob == nil else { return nil }
    self.init(
      title: "\(job.failure).", reason: job.reason ?? "The log of the job says more.",
      since: job.finishedAt.map { Moment($0) }, href: "/jobs/\(job.id)")
  }
}

extension InstanceHeader.Pending {
  /// What waits for a restart; nil where nothing does.
  init?(_ instance: Instance) {
    guard instance.pendingRestart != .none else { return nil }
    self.init(
      title: instance.pendingChanges.map(\.text).joined(separator: " "),
      text: instance.pendingRestart == .soft
        ? "It begins Odoo anew and takes seconds."
        : "It makes the containers anew, to which that belongs. The data stay.",
      href: "\(instance.path)/restart?mode=\(instance.pendingRestart.rawValue)")
  }
}
