import NIOCore
import Remote
import Testing

@testable import Docker

@Suite("Names in paths")
struct WireTests {
  @Test("what is interpolated into a path or a query is one segment, whatever it holds")
  func paths() {
    let hostile = "../x?a=b#c %2e\n"
    let call = EngineCall(.GET, "/images/\(hostile)/json", query: ["path": "/a b&c", "none": nil])
    #expect(
      call.target(version: .oldest)
        == "/v1.41/images/..%2Fx%3Fa%3Db%23c%20%252e%0A/json?path=%2Fa%20b%26c")
  }

  @Test(
    "a name that could reach another endpoint is refused before anything is asked",
    arguments: [
      "", ".", "..", "a/b", "../x", "a/../b", "a?force=1", "a#b", "a b", "a%2fb", "-x", "_x", "é", "a\n",
      "a\0",
    ])
  func names(name: String) async {
    let engine = DockerEngine(socket: "/no/such/socket")
    let refused = { (kind: DockerError.Kind) in
      DockerError.invalid(
        what: kind, name: name, reason: "a name has letters, digits, “_”, “.” and “-” only")
    }
    await #expect(throws: refused(.container)) { try await engine.container(name) }
    await #expect(throws: refused(.container)) { try await engine.remove(name, force: true) }
    await #expect(throws: refused(.container)) { try await engine.start(name) }
    await #expect(throws: refused(.network)) { try await engine.removeNetwork(name) }
    await #expect(throws: refused(.volume)) { try await engine.removeVolume(name) }
    await #expect(throws: refused(.container)) { for try await _ in engine.logs(name) {} }
    await #expect(throws: refused(.container)) { try await engine.exec(name, ExecSpec(["true"])) }
  }

  @Test(
    "an image's name that could reach another endpoint is refused",
    arguments: ["", "/", "a//b", "../x", "a/../b", "a?x", "a b", "a/", ":x", "a/.", "a\n", "é"])
  func images(name: String) async {
    let engine = DockerEngine(socket: "/no/such/socket")
    await #expect(throws: DockerError.self) { try await engine.image(name) }
    #expect(throws: DockerError.self) { try Reference.image(name) }
  }

  @Test("names as they are in use are accepted")
  func accepted() throws {
    for name in ["odeum-shop", "a", "a.b_c-d", "3f5c"] {
      #expect(try Reference.name(name, of: .container) == name)
    }
    for name in ["odoo", "odoo:19.0", "localhost:5000/a/b:c", "a@sha256:00ff", "sha256:00ff", "ghcr.io/a/b"] {
      #expect(try Reference.image(name) == name)
    }
  }

  @Test("an image's name comes apart into repository and tag, where a registry's port is no tag")
  func references() throws {
    func parts(_ name: String) throws -> [String] {
      let reference = try ImageReference(name)
      return [reference.repository, reference.tag]
    }
    #expect(try parts("odoo") == ["odoo", "latest"])
    #expect(try parts("odoo:19.0") == ["odoo", "19.0"])
    #expect(try parts("localhost:5000/odoo") == ["localhost:5000/odoo", "latest"])
    #expect(try parts("localhost:5000/odoo:19") == ["localhost:5000/odoo", "19"])
    #expect(try parts("odoo:19@sha256:ab") == ["odoo", "sha256:ab"])
    #expect(throws: DockerError.self) { try ImageReference("odoo:") }
  }

  @Test("an error of the engine becomes the case that says what to do")
  func errors() {
    func error(_ status: Int, _ message: String, _ kind: DockerError.Kind? = nil) -> DockerError {
      DockerError(
        status: status, message: message, endpoint: "POST /x",
        subject: kind.map { CallSubject(kind: $0, name: "x") })
    }
    let taken =
      "driver failed programming external connectivity on endpoint x (aa): Bind for 127.0.0.1:8069 failed: port is already allocated"
    #expect(error(500, taken, .container) == .portInUse(port: 8069, message: taken))
    #expect(error(500, taken, .container).portInEnginesList == 8069)
    let bound =
      "failed to bind host port for 0.0.0.0:8069:172.18.0.2:80/tcp: address already in use"
    #expect(error(500, bound, .container) == .portInUse(port: 8069, message: bound))
    let listen = "Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use"
    #expect(error(500, listen, .container) == .portInUse(port: 80, message: listen))
    #expect(error(500, listen, .container).portInEnginesList == nil)
    let v6 = "listen tcp6 [::]:443: bind: address already in use"
    #expect(error(404, "No such exec instance: x", .exec) == .cutOff(endpoint: "POST /x"))
    #expect(error(500, "id already in use", .container).saysThatItRunsUnknown)
    #expect(error(500, "task 39fa0223: already exists", .container).saysThatARunIsLeft)
    #expect(!error(500, "id already in use", .container).saysThatARunIsLeft)
    #expect(error(500, v6, .container) == .portInUse(port: 443, message: v6))
    #expect(error(404, "No such container: x", .container) == .notFound(what: .container, name: "x"))
    #expect(
      error(404, "No such image: y:1", .image)
        == .imageNotFound(reference: "x", message: "No such image: y:1"))
    let name = #"Conflict. The container name "/x" is already in use by container "aa""#
    #expect(error(409, name, .container) == .nameInUse(what: .container, name: "x", message: name))
    #expect(
      error(409, "network with name x already exists", .network)
        == .nameInUse(what: .network, name: "x", message: "network with name x already exists"))
    #expect(
      error(409, "remove x: volume is in use - [aa]", .volume)
        == .inUse(what: .volume, name: "x", message: "remove x: volume is in use - [aa]"))
    #expect(
      error(403, "network x has active endpoints", .network)
        == .inUse(what: .network, name: "x", message: "network x has active endpoints"))
    #expect(
      error(500, "write: no space left on device", .image)
        == .noSpace(message: "write: no space left on device"))
    #expect(error(500, "boom") == .api(status: 500, message: "boom", endpoint: "POST /x"))
  }

  @Test(
    "a failed pull is told apart: absent, refused, too many, unreachable",
    arguments: [
      ("manifest for odoo:99 not found: manifest unknown: manifest unknown", "absent"),
      (
        "pull access denied for x, repository does not exist or may require 'docker login': denied: requested",
        "refused"
      ),
      ("toomanyrequests: You have reached your pull rate limit", "again"),
      ("Head \"https://r/v2/x\": unauthorized: authentication required", "refused"),
      (
        "Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host",
        "unreachable"
      ),
      ("Get \"https://registry-1.docker.io/v2/\": net/http: TLS handshake timeout", "unreachable"),
      ("failed to register layer: write /x: no space left on device", "space"),
    ])
  func pulls(message: String, outcome: String) {
    let error = DockerError(pulling: "odoo:99", message: message)
    let expected: DockerError =
      switch outcome {
      case "absent": .imageNotFound(reference: "odoo:99", message: message)
      case "refused": .registryRefused(reference: "odoo:99", message: message, again: false)
      case "again": .registryRefused(reference: "odoo:99", message: message, again: true)
      case "space": .noSpace(message: message)
      default: .registryUnreachable(reference: "odoo:99", message: message)
      }
    #expect(error == expected)
    #expect(error.isTransient == ["again", "unreachable"].contains(outcome))
  }

  @Test("the sign-in to a registry is URL-safe base64, and is not printed")
  func auth() throws {
    let auth = RegistryAuth(username: "me", password: Secret("p?>~pass"), server: "ghcr.io")
    #expect(
      try auth.header()
        == "eyJwYXNzd29yZCI6InA_Pn5wYXNzIiwic2VydmVyYWRkcmVzcyI6ImdoY3IuaW8iLCJ1c2VybmFtZSI6Im1lIn0=")
    #expect(!"\(auth)".contains("pass\"") && "\(auth)".contains("[redacted]"))
  }
}

@Suite("What a container is made from")
struct ContainerSpecTests {
  @Test("a plain container has safe defaults: no network, no new privileges, bounded logs")
  func plain() throws {
    #expect(
      try ContainerSpec(image: "odoo:19.0").json().text()
        == #"{"HostConfig":{"LogConfig":{"Config":{"max-file":"5","max-size":"20000000"},"Type":"json-file"},"NetworkMode":"none","RestartPolicy":{"Name":"no"},"SecurityOpt":["no-new-privileges"]},"Image":"odoo:19.0","Labels":{}}"#
    )
  }

  @Test("every field reaches the engine under its name")
  func full() throws {
    var spec = ContainerSpec(image: "odoo:19.0", command: ["odoo", "--db_password=\(Secret("s3cret"))"])
    spec.entrypoint = ["/entry"]
    spec.environment = ["PASSWORD": .secret(Secret("s3cret")), "A": "1"]
    spec.labels = ["odeum.slug": "shop"]
    spec.user = "101:101"
    spec.hostname = "shop"
    spec.workingDirectory = "/srv"
    spec.networks = [NetworkAttachment("net-1", aliases: ["db"]), "net-2"]
    spec.extraHosts = ["host.docker.internal": "host-gateway"]
    spec.portBindings = [
      PortBinding(8069, hostPort: 10_000), PortBinding(8072, hostPort: nil, hostAddress: "0.0.0.0"),
    ]
    spec.mounts = [
      Mount(.volume("data"), at: "/data"), Mount(.bind("/srv/code"), at: "/code", readOnly: true),
      Mount(.tmpfs(size: 1 << 20), at: "/tmp"),
    ]
    spec.limits = ContainerLimits(
      memory: 1 << 30, memoryReservation: 1 << 29, cpus: 0.5, cpuShares: 256, processes: 99)
    spec.shmSize = 256 << 20
    spec.ulimits = ["nofile": 65_536]
    spec.restartPolicy = .onFailure(maximum: 5)
    spec.logging = .jsonFile(files: 2, size: 1000)
    spec.healthcheck = Healthcheck(
      command: ["pg_isready"], interval: .seconds(1), retries: 5, startPeriod: .seconds(2))
    spec.stopSignal = "SIGINT"
    spec.stopTimeout = .milliseconds(1500)
    spec.usesInit = true
    spec.isReadOnly = true
    spec.droppedCapabilities = ["ALL"]
    spec.addedCapabilities = ["CHOWN"]
    let expected = """
      {"Cmd":["odoo","--db_password=s3cret"],"Entrypoint":["/entry"],"Env":["A=1","PASSWORD=s3cret"],\
      "ExposedPorts":{"8069/tcp":{},"8072/tcp":{}},\
      "Healthcheck":{"Interval":1000000000,"Retries":5,"StartPeriod":2000000000,"Test":["CMD","pg_isready"],\
      "Timeout":30000000000},\
      "HostConfig":{"CapAdd":["CHOWN"],"CapDrop":["ALL"],"CpuShares":256,\
      "ExtraHosts":["host.docker.internal:host-gateway"],"Init":true,\
      "LogConfig":{"Config":{"max-file":"2","max-size":"1000"},"Type":"json-file"},\
      "Memory":1073741824,"MemoryReservation":536870912,"MemorySwap":1073741824,\
      "Mounts":[{"ReadOnly":false,"Source":"data","Target":"/data","Type":"volume"},\
      {"BindOptions":{"NonRecursive":true},"ReadOnly":true,"Source":"/srv/code","Target":"/code","Type":"bind"},\
      {"ReadOnly":false,"Target":"/tmp","TmpfsOptions":{"SizeBytes":1048576},"Type":"tmpfs"}],\
      "NanoCpus":500000000,"NetworkMode":"net-1","PidsLimit":99,\
      "PortBindings":{"8069/tcp":[{"HostIp":"127.0.0.1","HostPort":"10000"}],\
      "8072/tcp":[{"HostIp":"0.0.0.0","HostPort":""}]},"ReadonlyRootfs":true,\
      "RestartPolicy":{"MaximumRetryCount":5,"Name":"on-failure"},"SecurityOpt":["no-new-privileges"],\
      "ShmSize":268435456,"Ulimits":[{"Hard":65536,"Name":"nofile","Soft":65536}]},"Hostname":"shop",\
      "Image":"odoo:19.0","Labels":{"odeum.slug":"shop"},\
      "NetworkingConfig":{"EndpointsConfig":{"net-1":{"Aliases":["db"]}}},"StopSignal":"SIGINT","StopTimeout":2,\
      "User":"101:101","WorkingDir":"/srv"}
      """
    #expect(try spec.json().text() == expected)
    #expect(!"\(spec)".contains("s3cret"))
  }

  @Test("what JSON or the kernel cannot carry is refused")
  func impossible() {
    var spec = ContainerSpec(image: "x", command: [Word(bytes: [0xff])])
    #expect(throws: DockerError.self) { try spec.json() }
    spec.command = ["a\0b"]
    #expect(throws: DockerError.self) { try spec.json() }
    spec.command = nil
    spec.environment = ["A=B": "1"]
    #expect(throws: DockerError.self) { try spec.json() }
  }
}
