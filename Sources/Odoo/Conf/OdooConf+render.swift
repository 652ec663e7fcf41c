extension OdooConf {
  /// The text of the file.
  /// - Throws: `InvalidInput` with every value that cannot stand in the file.
  public func render() throws(InvalidInput) -> String {
    let problems = problems
    guard problems.isEmpty else { throw InvalidInput(problems) }
    var text = ConfText()
    var written: Set<String> = []
    let replaced = Dictionary(extra.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    for (key, value) in generated {
      text.append(key, replaced[key] ?? value)
      written.insert(key)
    }
    for entry in extra where written.insert(entry.key).inserted {
      text.append(entry.key, entry.value)
    }
    return text.text
  }

  /// The pairs that follow from the fields, in the order of the file.
  var generated: [(key: String, value: String)] {
    var pairs: [(key: String, value: String)] = []
    func put(_ key: String, _ value: String?) {
      guard let value else { return }
      if let known = ConfKey.named(key), !known.exists(in: version) { return }
      pairs.append((key, value))
    }
    put("db_host", database.host)
    put("db_port", String(database.port))
    put("db_user", database.user.text)
    put("db_password", database.password?.text)
    put("db_name", database.name.text)
    put("db_sslmode", database.sslMode?.rawValue)
    put("db_maxconn", String(database.maxConnections))
    put("db_maxconn_gevent", database.maxConnectionsGevent.map { String($0) })
    put("dbfilter", databaseFilter ?? database.name.exactFilter)
    put("list_db", flag(listDatabases))
    put("admin_passwd", masterPassword.text)
    put("data_dir", dataDir)
    put("addons_path", addonsPath.isEmpty ? nil : addonsPath.joined(separator: ","))
    put("http_interface", listen.interface)
    put("http_port", String(listen.http))
    put(version.geventPortKey, String(listen.gevent))
    put("proxy_mode", flag(proxyMode))
    put("x_sendfile", xSendfile ? flag(true) : nil)
    put("workers", String(workers))
    put("max_cron_threads", String(cronThreads))
    put("limit_memory_soft", String(limits.softBytes))
    put("limit_memory_hard", String(limits.hardBytes))
    put("limit_time_cpu", String(limits.cpuTime))
    put("limit_time_real", String(limits.realTime))
    switch version.demoData {
    case .onUnlessRefused: put("without_demo", demoData ? flag(false) : "all")
    case .offUnlessRequested: put("with_demo", flag(demoData))
    }
    put("log_level", logLevel.rawValue)
    put("smtp_server", mailCatcher?.host)
    put("smtp_port", mailCatcher.map { String($0.port) })
    return pairs
  }

  private func flag(_ value: Bool) -> String { value ? "True" : "False" }
}
