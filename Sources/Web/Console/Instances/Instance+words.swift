import Foundation
import Hosting
import Odoo

extension InstanceStatus {
  /// Those that an instance can come to have. Deploying, restoring and sleeping are kept for what does not exist yet.
  static let known: [InstanceStatus] = [.creating, .running, .stopped, .restarting, .failed, .removing]

  /// The dot and the word.
  var state: StateView {
    switch self {
    case .creating: .init(look: "busy", text: "Creating")
    case .running: .init(look: "running", text: "Running")
    case .stopped: .init(look: "stopped", text: "Stopped")
    case .restarting: .init(look: "busy", text: "Restarting")
    case .deploying: .init(look: "busy", text: "Deploying")
    case .restoring: .init(look: "busy", text: "Restoring")
    case .sleeping: .init(look: "stopped", text: "Sleeping")
    case .failed: .init(look: "failed", text: "Failed")
    case .removing: .init(look: "busy", text: "Removing")
    }
  }
}

extension Stage {
  /// The name, as people write it.
  var text: String {
    switch self {
    case .production: "Production"
    case .staging: "Staging"
    case .dev: "Dev"
    }
  }

  /// What it is for.
  var hint: String {
    switch self {
    case .production:
      "A company works with it: its mail really goes out, and it cannot be removed while it is on this stage."
    case .staging: "A copy to try things on. Its mail is caught."
    case .dev: "Made to be thrown away. Its mail is caught."
    }
  }

  /// The stage that is chosen for a new instance until somebody chooses: as with a new branch on Odoo.sh, going into
  /// production is a step that one takes.
  static let usual = Stage.dev

  /// The choice of a stage, with `chosen` chosen.
  static func choice(_ chosen: Stage) -> ChoiceField {
    ChoiceField(
      name: "stage", label: "Stage",
      choices: allCases.map {
        .init(value: $0.rawValue, label: $0.text, hint: $0.hint, selected: $0 == chosen, badge: true)
      })
  }
}

extension ChoiceField {
  /// The choice of a stage, of which those that the plan has no room for are greyed out and say why. `chosen`, where the
  /// instance stands already, is not.
  func within(_ plan: PlanUse, but chosen: Stage? = nil) -> ChoiceField {
    guard chosen != .staging, let refusal = plan.refusalOfOneMore(.staging) else { return self }
    var field = self
    field.choices = choices.map { choice in
      guard choice.value == Stage.staging.rawValue else { return choice }
      var choice = choice
      choice.disabled = true
      choice.hint = refusal.description
      return choice
    }
    return field
  }
}

/// What a page needs to link to an instance and to its Odoo.
protocol LinkedInstance {
  var name: Slug { get }
  var url: String { get }
}

extension Instance: LinkedInstance {}
extension InstanceSummary: LinkedInstance {}

extension LinkedInstance {
  /// Where its pages are.
  var path: String { "/instances/\(name.text)" }

  /// Where it is reached, without the scheme.
  var address: String { url.replacing("http://", with: "").replacing("https://", with: "") }
}

/// A size in MB of 10^6 bytes, in words: `512 MB`, `17.6 GB`.
func sizeText(_ megabytes: Int) -> String {
  megabytes < 1000
    ? "\(megabytes) MB" : String(format: megabytes < 99_950 ? "%.1f GB" : "%.0f GB", Double(megabytes) / 1000)
}
