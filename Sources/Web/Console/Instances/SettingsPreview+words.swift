import Hosting

extension SettingsPage.Preview {
  /// - Parameter saved: the settings as they are saved now.
  init(_ preview: SettingsPreview, saved: InstanceSettings) {
    changes = Self.changes(from: saved, to: preview.settings)
    notes = preview.notes
    title =
      changes.isEmpty
      ? "Nothing would change." : "Saving changes \(countText(changes.count, "setting"))."
    effect =
      switch preview.restart {
      case .none: "No restart is needed."
      case .soft: "A soft restart brings it into effect: Odoo’s process anew, a matter of seconds."
      case .hard:
        preview.settings.packages != saved.packages
          ? "A hard restart brings it into effect: an image with the packages is built first, then both containers are made anew. The data stay."
          : "A hard restart brings it into effect: both containers are made anew. The data stay."
      }
  }

  /// The settings that differ, as people call them.
  static func changes(from old: InstanceSettings, to new: InstanceSettings) -> [Change] {
    func megabytes(_ value: Int) -> String { value == 0 ? "no limit" : "\(value) MB" }
    func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }
    func lines(_ text: String) -> String {
      text.isEmpty ? "nothing" : text.split(separator: "\n").joined(separator: "; ")
    }
    func sources(_ settings: InstanceSettings) -> String {
      list(settings.customModules.map { $0.repository.text + ($0.branch.map { " at \($0.text)" } ?? "") })
    }
    var words: [(String, (InstanceSettings) -> String)] = [
      ("Workers", { $0.workers.map { $0 == 0 ? "threaded mode" : String($0) } ?? "as advised" }),
      ("Memory of a worker", { "\($0.workerMemoryMB) MB" }), ("Cron threads", { String($0.cronThreads) }),
      ("Processor time of a request", { "\($0.cpuTimeLimit) s" }),
      ("Time of a request", { $0.realTimeLimit == 0 ? "no limit" : "\($0.realTimeLimit) s" }),
      ("Log level", { $0.logLevel.rawValue }),
      ("Database filter", { $0.databaseFilter.isEmpty ? "its own database" : $0.databaseFilter }),
      ("Start again after a crash", { $0.autoRestart ? "yes" : "no" }), ("Custom modules", sources),
      ("Lines for odoo.conf", { lines($0.odooConf) }),
      ("Shared addons", { $0.sharedAddons?.text ?? "none" }),
      ("Files", { $0.externalFilestore.map { "in \($0)" } ?? "in a volume of Docker’s" }),
      ("Extensions", { list($0.postgres.extensions) }),
      ("Lines for postgresql.conf", { lines($0.postgres.conf) }),
      ("Debian packages for Odoo", { list($0.packages.odoo) }),
      ("Python packages", { list($0.packages.python) }),
      ("Debian packages for PostgreSQL", { list($0.packages.database) }),
    ]
    let containers: [(String, (InstanceSettings) -> ContainerLimits)] = [
      ("Odoo", { $0.odoo }), ("Database", { $0.database }),
    ]
    for (name, limits) in containers {
      words += [
        ("\(name): memory limit", { megabytes(limits($0).memoryMB) }),
        (
          "\(name): reserved memory",
          { limits($0).memoryReservationMB == 0 ? "none" : "\(limits($0).memoryReservationMB) MB" }
        ), ("\(name): shared memory", { "\(limits($0).shmMB) MB" }),
        ("\(name): CPU shares", { String(limits($0).cpuShares) }),
      ]
    }
    return words.compactMap { label, text in
      let (before, after) = (text(old), text(new))
      return before == after ? nil : Change(label: label, before: before, after: after)
    }
  }
}
