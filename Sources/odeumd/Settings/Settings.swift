import Foundation
import Hosting
import Jobs
import Logging
import Mail
import Postgres
import Remote
import Web

/// Everything that an operator may set. Each entry here stands in docs/configuration.md; a test compares the
/// two.
struct Settings: Sendable {
  static let data = Setting.text(
    "ODEUM_DATA", "/var/lib/odeum",
    "Folder for what the control plane keeps on this machine: the master key, the built-in PostgreSQL, the sockets of connections to servers. At most 50 bytes long."
  )
  static let databaseURL = Setting.text(
    "DATABASE_URL", "",
    "An external PostgreSQL (15 or newer) instead of the built-in one, as postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=require."
  )
  static let connections = Setting.number(
    "ODEUM_DATABASE_CONNECTIONS", 8, in: 2...100, "Connections to PostgreSQL, one more for notifications.")
  static let listen = Setting<(host: String, port: Int)>(
    name: "ODEUM_LISTEN", fallback: "127.0.0.1:8600", about: "Address and port of the console and the API.",
    read: { text in
      guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
        (0...65_535).contains(port), colon != text.startIndex
      else { return nil }
      return (String(text[..<colon]).trimmingCharacters(in: ["[", "]"]), port)
    }, form: "ADDRESS:PORT, such as 127.0.0.1:8600")
  static let publicURL = Setting<URL?>(
    name: "PUBLIC_URL", fallback: "",
    about:
      "The address under which people reach the console, for links and cookies; behind a proxy with TLS it begins with https.",
    read: { text in
      if text.isEmpty { return .some(nil) }
      guard let url = URL(string: text), let scheme = url.scheme?.lowercased(),
        ["http", "https"].contains(scheme), url.host() != nil, url.user() == nil,
        ["", "/"].contains(url.path()),
        url.query() == nil, url.fragment() == nil
      else { return nil }
      return url
    }, form: "an address such as https://odeum.example.com, with no path behind it")
  static let trustedProxies = Setting.networks(
    "ODEUM_TRUSTED_PROXIES",
    "Addresses or networks of the proxies whose X-Forwarded headers are believed, separated by commas.")
  static let openedNetworks = Setting.networks(
    "ODEUM_SERVER_NETWORKS",
    "Addresses or networks beside the public Internet in which organisations may have servers of their own, separated by commas; operators may have theirs anywhere."
  )
  static let repositoryNetworks = Setting.networks(
    "ODEUM_REPOSITORY_NETWORKS",
    "Addresses or networks beside the public Internet from which servers of the operator fetch custom modules that others than operators name, separated by commas."
  )
  static let instanceRange = Setting<AddressRange>(
    name: "ODEUM_INSTANCE_RANGE", fallback: HostingConfiguration.benchmarkRange.description,
    about:
      "Where the Docker networks of instances have their addresses, 16 each, on every server. The default is set aside for measurements (RFC 2544), so that nobody is behind it.",
    read: { text in AddressRange(text).flatMap { $0.parts(of: 28).isEmpty ? nil : $0 } },
    form: "an IPv4 network such as 10.90.0.0/16, of /28 or larger")
  static let tlsCertificate = Setting.text(
    "ODEUM_TLS_CERTIFICATE", "",
    "File with the certificate under which the console and the API are served over TLS: PEM, with the certificates that lead to its authority. Read again when it changes."
  )
  static let tlsKey = Setting.text(
    "ODEUM_TLS_KEY", "",
    "File with the private key of ODEUM_TLS_CERTIFICATE: PEM, without a passphrase, not for everybody to read."
  )
  static let mailServer = Setting<MailServer?>(
    name: "ODEUM_SMTP_URL", fallback: "",
    about:
      "The SMTP server that sends invitations and links for new passwords: smtps:// for TLS, smtp:// for STARTTLS, smtp+insecure:// for neither. Wants PUBLIC_URL and ODEUM_MAIL_FROM.",
    read: { text in text.isEmpty ? .some(nil) : MailServer(url: text).map { .some($0) } },
    form:
      "an address such as smtps://USER:PASSWORD@mail.example.com, without a password where there is no TLS",
    isSecret: true)
  static let mailSender = Setting.text(
    "ODEUM_MAIL_FROM", "", "The address that messages of the control plane are from.")
  static let masterKey = Setting.text(
    "ODEUM_MASTER_KEY", "",
    "The master key (32 bytes in base64) under which secrets are kept; by default it is made in the data folder as master.key."
  )
  static let newMasterKey = Setting.text(
    "ODEUM_NEW_MASTER_KEY", "",
    "The master key that takes the place of ODEUM_MASTER_KEY, while it is being changed by odeumd admin key rotate."
  )
  static let workers = Setting.number(
    "ODEUM_WORKERS", 8, in: 1...200,
    "How many operations this process works on at once; all may be of one organisation, and a quarter more are for those that have none under way."
  )
  static let backupTimes = Setting<DailyTimes?>(
    name: "ODEUM_BACKUP_TIMES", fallback: "02:00",
    about:
      "When the control plane backs itself up, as odeumd backup does: times of the day in UTC, such as 02:00 14:00; none for no backups.",
    read: { $0 == "none" ? .some(nil) : DailyTimes($0).map { .some($0) } },
    form: "times such as 02:00 14:00, or none")
  static let backupFolder = Setting.text(
    "ODEUM_BACKUP_FOLDER", "",
    "Folder for these backups, such as one of another machine that is mounted here; by default the folder backups in ODEUM_DATA."
  )
  static let backupsKept = Setting.number(
    "ODEUM_BACKUPS_KEPT", 14, in: 1...10_000,
    "How many backups of this installation stay in that folder, others than those made at these times included."
  )
  static let dockerSocket = Setting.text(
    "ODEUM_DOCKER_SOCKET", "/var/run/docker.sock", "The Docker engine's socket on this machine.")
  static let odooImage = Setting.text(
    "ODEUM_ODOO_IMAGE", "odoo:{version}", "The image of Odoo; {version} stands for the version, such as 19.0."
  )
  static let databaseImage = Setting.text(
    "ODEUM_POSTGRES_IMAGE", "postgres:{major}",
    "The image of PostgreSQL for instances; {major} stands for its major version, such as 17.")
  static let mailCatcherImage = Setting<String?>(
    name: "ODEUM_MAIL_CATCHER_IMAGE", fallback: "axllent/mailpit:latest",
    about:
      "The image that catches the mail of instances that are not in production, Mailpit or one with its API; none for no mail catchers.",
    read: { $0 == "none" ? .some(nil) : .some($0) }, form: "the name of an image, or none")
  static let diskFloor = Setting.number(
    "ODEUM_DISK_FLOOR_MB", 5_000, in: 0...10_000_000,
    "What a server's disk must have free before something new is put on it, in MB.")
  static let instances = Setting<String>(
    name: "ODEUM_INSTANCES", fallback: "/var/lib/odeum-instances",
    about:
      "Folder, on every server, for what instances have outside their containers and volumes: custom modules. Where the control plane runs in a container, it has the same path inside as outside.",
    read: { text in
      let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0)) }
      let parts = text.split(separator: "/")
      guard text.hasPrefix("/"), isPlain, !parts.isEmpty, !parts.contains("..") else { return nil }
      return "/" + parts.joined(separator: "/")
    }, form: "an absolute path of letters, digits and . _ - such as /var/lib/odeum-instances")
  static let localAddress = Setting.text(
    "ODEUM_LOCAL_ADDRESS", "127.0.0.1",
    "The address under which the instances on this machine are reached; read at the first start.")
  static let apiRate = Setting.number(
    "ODEUM_API_RATE", 100, in: 1...1_000_000,
    "How many requests a second an API token may make in the long run; ten times as many at once.")
  static let logLevel = Setting<Logger.Level>(
    name: "ODEUM_LOG_LEVEL", fallback: "info", about: "How much the control plane logs.",
    read: { Logger.Level(rawValue: $0) }, form: "one of trace, debug, info, notice, warning, error, critical")
  static let logFormat = Setting<LogFormat>(
    name: "ODEUM_LOG_FORMAT", fallback: "auto",
    about: "How it logs: text on a terminal and JSON otherwise (auto).",
    read: { LogFormat(rawValue: $0) }, form: "one of auto, text, json")

  /// Every setting with its default and what it does, in the order of the manual.
  static let manual: [(name: String, fallback: String, about: String)] = [
    describe(data), describe(databaseURL), describe(connections), describe(listen), describe(publicURL),
    describe(tlsCertificate), describe(tlsKey),
    describe(trustedProxies), describe(mailServer), describe(mailSender), describe(masterKey),
    describe(newMasterKey), describe(workers),
    describe(backupTimes), describe(backupFolder), describe(backupsKept),
    describe(dockerSocket),
    describe(odooImage),
    describe(databaseImage), describe(mailCatcherImage), describe(diskFloor), describe(openedNetworks),
    describe(repositoryNetworks), describe(instanceRange),
    describe(instances),
    describe(localAddress), describe(apiRate),
    describe(logLevel),
    describe(logFormat),
  ]

  private static func describe<Value>(_ setting: Setting<Value>) -> (
    name: String, fallback: String, about: String
  ) {
    (setting.name, setting.fallback, setting.about)
  }

  let environment: [String: String]

  init(environment: [String: String] = Settings.ofProcess) {
    self.environment = environment
  }

  /// The variables that hold secrets, each with its name in `docs/configuration.md`.
  static let secrets = [databaseURL.name, mailServer.name, masterKey.name, newMasterKey.name]

  /// What this process was started with. The secrets are taken out of its environment on the way: git, ssh and all other
  /// programs that it starts would inherit them otherwise.
  static let ofProcess: [String: String] = {
    let environment = ProcessInfo.processInfo.environment
    for name in secrets { unsetenv(name) }
    return environment
  }()

  /// The value of a setting.
  func callAsFunction<Value>(_ setting: Setting<Value>) throws -> Value {
    try setting.value(in: environment)
  }

  /// What concerns the domain.
  func hosting() throws -> HostingConfiguration {
    var configuration = HostingConfiguration()
    configuration.odooImage = try self(Self.odooImage)
    configuration.databaseImage = try self(Self.databaseImage)
    configuration.mailCatcherImage = try self(Self.mailCatcherImage)
    configuration.dockerSocket = try self(Self.dockerSocket)
    configuration.diskFloorMB = try self(Self.diskFloor)
    configuration.openedNetworks = try self(Self.openedNetworks)
    configuration.repositoryNetworks = try self(Self.repositoryNetworks)
    configuration.instanceRange = try self(Self.instanceRange)
    configuration.instancesFolder = try self(Self.instances)
    configuration.localAddress = try self(Self.localAddress)
    configuration.connectionsFolder = try self(Self.data) + "/connections"
    configuration.mail = try mail()
    return configuration
  }

  /// How people are written to, nil where they are not.
  ///
  /// - Throws: `BadSetting` where it is said in part only.
  private func mail() throws -> MailConfiguration? {
    guard let server = try self(Self.mailServer) else { return nil }
    guard let publicURL = try self(Self.publicURL) else {
      throw BadSetting(
        name: Self.publicURL.name, text: "",
        form: "set where ODEUM_SMTP_URL is: links in messages begin with it")
    }
    let sender = try self(Self.mailSender)
    guard Mailer.isAddress(sender) else {
      throw BadSetting(name: Self.mailSender.name, text: sender, form: "an address such as odeum@example.com")
    }
    return MailConfiguration(mailer: Mailer(server: server, sender: sender), consoleURL: publicURL)
  }

  /// Where backups of the control plane go unless another place is named.
  func backups(of folder: DataFolder) throws -> String {
    let other = try self(Self.backupFolder)
    return other.isEmpty ? folder.path + "/backups" : other
  }

  /// What the control plane does for itself, with that data folder.
  func upkeep(in folder: DataFolder) throws -> Upkeep {
    let place = try backups(of: folder)
    let kept = try self(Self.backupsKept)
    return Upkeep(
      version: Odeumd.version,
      backups: try self(Self.backupTimes).map { .init(at: $0, into: place, keeping: kept) })
  }

  /// What concerns the web server.
  func web() throws -> WebConfiguration {
    var configuration = WebConfiguration()
    let listen = try self(Self.listen)
    configuration.host = listen.host
    configuration.port = listen.port
    configuration.publicURL = try self(Self.publicURL)
    configuration.certificate = try certificate()
    if configuration.certificate != nil, let url = configuration.publicURL, url.scheme != "https" {
      throw BadSetting(
        name: Self.publicURL.name, text: url.absoluteString,
        form: "an address that begins with https:// where ODEUM_TLS_CERTIFICATE is set")
    }
    configuration.trustedProxies = try self(Self.trustedProxies)
    configuration.tokenRequestsPerSecond = Double(try self(Self.apiRate))
    return configuration
  }
}

extension Settings {
  /// The files of the console's own TLS, nil where it has none.
  ///
  /// - Throws: `BadSetting` where one of the two is set.
  private func certificate() throws -> CertificateFiles? {
    let certificate = try self(Self.tlsCertificate)
    let key = try self(Self.tlsKey)
    guard !certificate.isEmpty || !key.isEmpty else { return nil }
    for (path, setting, other) in [
      (certificate, Self.tlsCertificate, Self.tlsKey), (key, Self.tlsKey, Self.tlsCertificate),
    ]
    where path.isEmpty {
      throw BadSetting(name: setting.name, text: "", form: "the path of a file where \(other.name) is set")
    }
    return CertificateFiles(certificate: certificate, key: key)
  }

  /// Where people reach the console: PUBLIC_URL, or the address that it listens on.
  func consoleURL() throws -> URL {
    if let url = try self(Self.publicURL) { return url }
    let listen = try self(Self.listen)
    let host = ["0.0.0.0", "::", ""].contains(listen.host) ? "127.0.0.1" : listen.host
    let scheme = try certificate() == nil ? "http" : "https"
    guard let url = URL(string: "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(listen.port)")
    else {
      throw BadSetting(name: Self.listen.name, text: listen.host, form: Self.listen.form)
    }
    return url
  }
}
