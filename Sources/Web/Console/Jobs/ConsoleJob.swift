import Hosting

// Foundation has an `Operation` too, so this file does without Foundation.

/// An operation of the domain. Pages call it a job.
typealias ConsoleJob = Operation
