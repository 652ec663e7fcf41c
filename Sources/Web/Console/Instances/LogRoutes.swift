import Foundation
import Hosting
import Hummingbird
import Odoo

extension ConsoleDoor {
  func addLogRoutes(to routes: Routes) {
    routes.get("/instances/{name}/logs", .permission(.viewLogs)) { request, context in
      let actor = try context.actor
      let instance = try await hosting.instance(context.parameter("name"), by: actor)
      let source = LogSource(rawValue: request.query("source")) ?? .odoo
      var page = LogsPage(header: try await header(of: instance, .logs, request, actor))
      do {
        var lines: [TerminalView.Line] = []
        var looks = LogLooks()
        for try await line in try await hosting.log(
          of: instance.id.uuidString, source: source, tail: min(request.shownLines, TerminalView.mostOnPage),
          follow: false,
          by: actor)
        { lines.append(.init(look: looks.look(of: line), text: line.text)) }
        page.terminal = TerminalView(instance, source: source, shown: request.shownLines, lines: lines)
      } catch let error as HostingError where error.code == .unavailable {
        page.unavailable = FormState(error: error).problem()
      }
      return try answer(
        page, "\(instance.name): logs", section: .instances,
        events: "/events?instance=\(instance.id)&log=\(source.rawValue)&lines=\(request.shownLines)", request,
        context)
    }
    routes.get("/instances/{name}/logs.txt", .permission(.viewLogs)) { request, context in
      let instance = try await hosting.instance(context.parameter("name"), by: context.actor)
      let source = LogSource(rawValue: request.query("source")) ?? .odoo
      let lines = try await hosting.log(
        of: instance.id.uuidString, source: source, tail: Hosting.longestLog, follow: false, by: context.actor
      )
      return .textFile(of: lines, called: "\(instance.name)-\(source.rawValue).txt")
    }
  }
}

extension Request {
  /// How many of the last lines of a log are asked for.
  var shownLines: Int {
    TerminalView.lengths.contains(Int(query("lines")) ?? 0) ? Int(query("lines")) ?? 1000 : 1000
  }
}

extension TerminalView {
  /// How many lines of a log can be asked for.
  static let lengths = [1000, 5000, 20_000, 100_000]
  /// How many of them the page itself has; the event stream brings the others.
  static let mostOnPage = 5000

  init(_ instance: Instance, source: LogSource, shown: Int, lines: [Line]) {
    let here = "\(instance.path)/logs"
    self.init(
      label: "Log of \(source == .odoo ? "Odoo" : "PostgreSQL") in \(instance.name)", follows: true,
      action: here,
      sources: [
        .init(value: "odoo", label: "Odoo", selected: source == .odoo),
        .init(value: "database", label: "Database", selected: source == .database),
      ],
      lengths: Self.lengths.map {
        .init(
          value: String($0), label: "\($0.formatted(.number.locale(Locale(identifier: "en_US")))) lines",
          selected: $0 == shown)
      },
      refresh: "\(here)?source=\(source.rawValue)&lines=\(shown)", refreshes: true,
      download: "\(here).txt?source=\(source.rawValue)",
      lines: lines, emptyText: "Nothing was logged yet. New lines appear here by themselves.",
      updated: Moment(Date()),
      shortened: shown > Self.mostOnPage
        ? "Without a script the page shows the last \(Self.mostOnPage) lines; Download has them all." : nil)
  }
}

/// How the lines of a log look, one after the other: a line without a level of its own belongs to the one before it, as
/// the lines of a traceback do.
struct LogLooks {
  private var last = "info"

  mutating func look(of line: InstanceLogLine) -> String {
    if let level = line.level {
      last =
        switch level.uppercased() {
        case "CRITICAL", "ERROR": "error"
        case "WARNING": "warning"
        case "DEBUG": "debug"
        default: "info"
        }
    } else if line.source == .database {
      last = Self.look(ofPostgres: line.text) ?? last
    }
    return last
  }

  /// PostgreSQL writes `… ERROR:  …`; DETAIL, HINT, STATEMENT and CONTEXT belong to what stands before them.
  private static func look(ofPostgres text: String) -> String? {
    guard let match = text.firstMatch(of: #/\b(PANIC|FATAL|ERROR|WARNING|NOTICE|INFO|LOG|DEBUG[1-5]?):\ \ /#)
    else {
      return nil
    }
    return switch match.1 {
    case "PANIC", "FATAL", "ERROR": "error"
    case "WARNING": "warning"
    case "NOTICE", "INFO", "LOG": "info"
    default: "debug"
    }
  }
}
