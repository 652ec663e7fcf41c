/// What a container of a simulated engine does when it runs, as seen from outside: what it writes when, when it ends, and
/// what signals do to it.
package struct SimulatedProgram: Sendable {
  /// What a signal does.
  package enum Reaction: Sendable, Hashable {
    /// Nothing, as to a first program that has no handler for it.
    case none
    /// It ends with this status after that time.
    case ends(Int, after: Duration)
  }

  /// Something that it writes.
  package struct Writing: Sendable {
    /// How long after its start.
    package var after: Duration
    /// Whether to standard error.
    package var isError: Bool
    /// The bytes.
    package var text: String

    /// Writes `text` so long after the start.
    package init(_ text: String, after: Duration = .zero, isError: Bool = false) {
      self.text = text
      self.after = after
      self.isError = isError
    }
  }

  /// What it writes.
  package var writings: [Writing] = []
  /// How long it runs by itself and with which status it ends then; nil where it goes on until a signal ends it.
  package var end: (after: Duration, status: Int)?
  /// What signals other than SIGKILL do.
  package var reactions: [String: Reaction] = [:]
  /// What it does to the volumes that it has, when it ends by itself with status 0.
  package var effect: (@Sendable (inout VolumeAccess) -> Void)?

  /// One that runs until `signals` end it with status 0, or SIGKILL.
  package static func running(endedBy signals: [String], after delay: Duration = .zero) -> SimulatedProgram {
    var program = SimulatedProgram()
    for signal in signals { program.reactions[signal] = .ends(0, after: delay) }
    return program
  }

  /// One that ends by itself.
  package static func ending(_ status: Int, after delay: Duration = .zero) -> SimulatedProgram {
    var program = SimulatedProgram()
    program.end = (delay, status)
    return program
  }

  /// One that does nothing.
  package init() {}
}

/// What a program in a running container gives.
package struct SimulatedExec: Sendable {
  /// The status it ends with.
  package var status: Int
  /// What it writes to standard output.
  package var output: [UInt8]
  /// What it writes to standard error.
  package var errors: [UInt8]
  /// How long it takes.
  package var after: Duration
  /// What it does to the volumes of its container.
  package var effect: (@Sendable (inout VolumeAccess) -> Void)?

  /// A program that ends with this status, having written that.
  package init(_ status: Int, output: String = "", errors: String = "", after: Duration = .zero) {
    self.status = status
    self.output = Array(output.utf8)
    self.errors = Array(errors.utf8)
    self.after = after
  }
}

/// The volumes that a container has, by where they are mounted: what is in them is a few words of the simulation.
package struct VolumeAccess: Sendable {
  /// Contents by mount point.
  package var contents: [String: [String: String]]
}

/// What decides which programs there are.
package protocol SimulatedPrograms: Sendable {
  /// What a container made like this does when it is started.
  ///
  /// - Parameter volumes: what is in its volumes at its start.
  func program(of container: ContainerView, volumes: VolumeAccess) -> SimulatedProgram

  /// What comes of a program in a running container.
  func exec(
    _ words: [String], environment: [String: String], in container: ContainerView, volumes: VolumeAccess
  )
    -> SimulatedExec
}

/// A container as its programs see it.
package struct ContainerView: Sendable {
  /// Its id.
  package var id: String
  /// Its name.
  package var name: String
  /// The name or id of its image, as it was asked for.
  package var image: String
  /// Its labels.
  package var labels: [String: String]
  /// Entrypoint and command.
  package var words: [String]
  /// Its environment.
  package var environment: [String: String]
  /// When it was last started, in seconds of its engine's clock ago.
  package var age: Duration
  /// The contents of files that were put into it, by path.
  package var files: [String: [UInt8]]
}
