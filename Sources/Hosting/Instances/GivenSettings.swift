import Foundation

/// What an operation works with from its first step to its last: the settings and circumstances that were wanted when it began.
/// What is saved meanwhile waits for the next one, so that nothing counts as in effect with which Odoo was not started.
struct GivenSettings: Sendable, Codable, Equatable {
  /// The operation.
  var job: UUID
  var settings: InstanceSettings
  var circumstances: Circumstances
}

extension GivenSettings {
  /// What `instance` is wanted to be now.
  init(_ instance: Instance, to job: UUID) {
    self.init(job: job, settings: instance.settings, circumstances: instance.circumstances)
  }
}
