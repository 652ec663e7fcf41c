extension OdooConf {
  /// These settings with a snippet's values: its field changes in the fields, the rest by key in `extra`. A
  /// key that both the settings and the snippet give keeps its place and takes the snippet's value.
  public func merging(_ snippet: ConfSnippet) -> OdooConf {
    var conf = self
    for change in snippet.fieldChanges { conf.apply(change) }
    conf.extra = snippet.entries
    return conf
  }

  /// Takes over a value that a snippet gave for a field.
  public mutating func apply(_ change: FieldChange) {
    switch change {
    case .workers(let count): workers = count
    case .cronThreads(let count): cronThreads = count
    case .memoryPerWorker(let megabytes): limits.memoryPerWorker = megabytes
    case .cpuTimeLimit(let seconds): limits.cpuTime = seconds
    case .realTimeLimit(let seconds): limits.realTime = seconds
    case .databaseFilter(let filter): databaseFilter = filter
    case .logLevel(let level): logLevel = level
    }
  }
}
