import Foundation
import NIOCore
import Remote
import Testing

@testable import Docker

/// Answers of two engines: 20.10 (API 1.41) as recorded, and 28 (API 1.51) as its API describes them.
@Suite("Decoding")
struct DecodingTests {
  func decode<Value: Decodable>(_ json: String, as type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(json.utf8))
  }

  @Test("the version of an old and of a new engine is read")
  func version() throws {
    let old: EngineVersion = try decode(
      #"{"Platform":{"Name":""},"Version":"20.10.24+dfsg1","ApiVersion":"1.41","MinAPIVersion":"1.12","Arch":"amd64","KernelVersion":"6.1"}"#
    )
    #expect(old.apiVersion == APIVersion(major: 1, minor: 41))
    #expect(old.minimumAPIVersion == APIVersion(major: 1, minor: 12))
    let new: EngineVersion = try decode(#"{"Version":"28.3.0","ApiVersion":"1.51","MinAPIVersion":"1.24"}"#)
    #expect(new.version == "28.3.0" && new.apiVersion == .newest)
    #expect(throws: DecodingError.self) {
      try decode(#"{"Version":"1","ApiVersion":"x","MinAPIVersion":"1.24"}"#, as: EngineVersion.self)
    }
  }

  @Test("versions compare by number, not as text")
  func versionOrder() throws {
    #expect(try #require(APIVersion("1.9")) < #require(APIVersion("1.41")))
    #expect(APIVersion("1.41") == .oldest)
    #expect(APIVersion("1") == nil && APIVersion("1.4.1") == nil && APIVersion("") == nil)
  }

  @Test("a running container of 20.10 is read with all that matters")
  func runningContainer() throws {
    let container: Container = try decode(Recorded.running)
    #expect(container.id.hasPrefix("3f5c"))
    #expect(container.name == "odeum-shop")
    #expect(container.labels == ["odeum.slug": "shop"])
    #expect(container.state.status == .running && container.state.isRunning)
    #expect(container.state.pid == 4711)
    #expect(container.state.startedAt == Date(timeIntervalSince1970: 1_700_000_000.5))
    #expect(container.state.finishedAt == nil)
    #expect(
      container.state.health == .init(status: .unhealthy, failingStreak: 4, lastOutput: "connection refused"))
    #expect(
      container.mounts == [
        Mount(.volume("odeum-shop-filestore"), at: "/var/lib/odoo"),
        Mount(.bind("/srv/code"), at: "/mnt/code", readOnly: true),
      ])
    #expect(
      container.ports == [
        PortBinding(8069, hostPort: 10_000), PortBinding(8069, hostPort: 10_000, hostAddress: "::1"),
      ])
    #expect(container.configuredPorts == [PortBinding(8069, hostPort: 10_000)])
    #expect(container.networks["odeum-shop"]?.address == "172.18.0.3")
    #expect(container.networks["odeum-shop"]?.aliases == ["odoo", "3f5c3f5c3f5c"])
    #expect(
      container.limits
        == ContainerLimits(
          memory: 1 << 30, memoryReservation: 1 << 29, cpus: 1.5, cpuShares: 512, processes: 200))
    #expect(container.restartPolicy == .onFailure(maximum: 3))
    #expect(container.environment == ["LANG": Secret("C.UTF-8"), "URL": Secret("a=b")])
    #expect(container.restartCount == 2)
    #expect(container.command == ["/entrypoint.sh", "odoo"])
  }

  @Test("an ended container of 28, with members absent instead of null, is read")
  func endedContainer() throws {
    let container: Container = try decode(
      """
      {"Id":"aa","Name":"/x","Created":"2025-07-01T10:00:00+02:00","Image":"sha256:bb","Config":{},"HostConfig":{},
       "State":{"Status":"exited","Running":false,"OOMKilled":true,"Dead":false,"Pid":0,"ExitCode":137,"Error":"",
       "StartedAt":"2025-07-01T08:00:00Z","FinishedAt":"2025-07-01T08:00:01Z","Health":{"Status":"none"}},
       "NetworkSettings":{"Ports":{"8069/tcp":null}}}
      """)
    #expect(container.state.status == .exited && !container.state.isRunning)
    #expect(container.state.exitCode == 137 && container.state.oomKilled)
    #expect(container.state.error == nil && container.state.pid == nil && container.state.health == nil)
    #expect(container.createdAt == Date(timeIntervalSince1970: 1_751_356_800))
    #expect(container.ports.isEmpty && container.networks.isEmpty && container.restartPolicy == .no)
  }

  @Test("empty lists that old engines write as null are empty lists")
  func nulls() throws {
    let image: Image = try decode(
      #"{"Id":"sha256:aa","RepoTags":null,"RepoDigests":null,"Size":5,"Config":{"Labels":null,"Env":null,"ExposedPorts":{"8069/tcp":{}}}}"#
    )
    #expect(image.tags.isEmpty && image.labels.isEmpty && image.exposedPorts == ["8069/tcp"])
    let summary: ImageSummary = try decode(
      #"{"Id":"sha256:aa","RepoTags":["<none>:<none>"],"RepoDigests":["<none>@<none>"],"Created":5,"Labels":null,"Size":1}"#
    )
    #expect(summary.tags.isEmpty && summary.repoDigests.isEmpty)
    let network: Network = try decode(
      #"{"Id":"n","Name":"net","Driver":"bridge","Labels":null,"Containers":null,"IPAM":{"Config":null}}"#)
    #expect(network.labels.isEmpty && network.subnets.isEmpty)
  }

  @Test("an event has what happened, to what and when")
  func event() throws {
    let event: EngineEvent = try decode(
      #"{"status":"die","id":"aa","Type":"container","Action":"die","Actor":{"ID":"aa","Attributes":{"exitCode":"1","name":"x"}},"scope":"local","time":1700000000,"timeNano":1700000000250000000}"#
    )
    #expect(event.kind == "container" && event.action == "die" && event.id == "aa")
    #expect(event.attributes["exitCode"] == "1")
    #expect(abs(event.time.timeIntervalSince1970 - 1_700_000_000.25) < 1e-6)
  }
}

@Suite("Times of the engine")
struct EngineDateTests {
  @Test(
    "moments with and without fractions and offsets are read",
    arguments: [
      ("1970-01-01T00:00:00Z", 0.0), ("2023-11-14T22:13:20.5Z", 1_700_000_000.5),
      ("2024-02-29T12:00:00.000000001+05:30", 1_709_188_200.0), ("2000-03-01T00:00:00-00:00", 951_868_800.0),
      ("2026-12-31T23:59:59.999999999Z", 1_798_761_599.999999999),
    ])
  func parse(text: String, seconds: Double) throws {
    let date = try #require(EngineDate.parse(text))
    #expect(abs(date.timeIntervalSince1970 - seconds) < 1e-6)
  }

  @Test(
    "what is no moment is none, as is the year 1, which means never",
    arguments: [
      "", "0001-01-01T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01", "2024-01-01T00:00:00",
      "x024-01-01T00:00:00Z",
      "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00Z ",
    ])
  func malformed(text: String) {
    #expect(EngineDate.parse(text) == nil)
  }

  @Test("days agree with Foundation's calendar over four centuries")
  func calendar() throws {
    let formatter = ISO8601DateFormatter()
    for day in stride(from: -11_000, through: 135_000, by: 97) {
      let date = Date(timeIntervalSince1970: Double(day) * 86_400 + 3723)
      #expect(EngineDate.parse(formatter.string(from: date)) == date)
    }
  }

  @Test("a moment in a query has nine digits of a fraction")
  func query() {
    #expect(EngineDate.query(Date(timeIntervalSince1970: 1_700_000_000.25)) == "1700000000.250000000")
    #expect(EngineDate.query(Date(timeIntervalSince1970: 5)) == "5.000000000")
  }
}

enum Recorded {
  static let running = """
    {"Id":"3f5c3f5c3f5c3f5c3f5c3f5c3f5c3f5c3f5c3f5c3f5c3f5c3f5c3f5c3f5c3f5c","Created":"2023-11-14T22:13:19Z",
     "Path":"/entrypoint.sh","Args":["odoo"],"Name":"/odeum-shop","RestartCount":2,"Image":"sha256:bb",
     "State":{"Status":"running","Running":true,"Paused":false,"Restarting":false,"OOMKilled":false,"Dead":false,
      "Pid":4711,"ExitCode":0,"Error":"","StartedAt":"2023-11-14T22:13:20.5Z","FinishedAt":"0001-01-01T00:00:00Z",
      "Health":{"Status":"unhealthy","FailingStreak":4,"Log":[{"ExitCode":0,"Output":"fine"},
       {"Start":"2023-11-14T22:13:21Z","ExitCode":1,"Output":"connection refused"}]}},
     "HostConfig":{"Memory":1073741824,"MemoryReservation":536870912,"NanoCpus":1500000000,"CpuShares":512,
      "PidsLimit":200,"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3},
      "PortBindings":{"8069/tcp":[{"HostIp":"127.0.0.1","HostPort":"10000"}]}},
     "Mounts":[{"Type":"volume","Name":"odeum-shop-filestore","Source":"/var/lib/docker/volumes/x/_data",
      "Destination":"/var/lib/odoo","Driver":"local","Mode":"z","RW":true,"Propagation":""},
      {"Type":"bind","Source":"/srv/code","Destination":"/mnt/code","Mode":"","RW":false}],
     "Config":{"Image":"odoo:19.0","User":"odoo","Tty":false,"Env":["LANG=C.UTF-8","URL=a=b"],
      "Labels":{"odeum.slug":"shop"}},
     "NetworkSettings":{"Ports":{"8069/tcp":[{"HostIp":"127.0.0.1","HostPort":"10000"},
      {"HostIp":"::1","HostPort":"10000"}],"8071/tcp":null},
      "Networks":{"odeum-shop":{"NetworkID":"n1","IPAddress":"172.18.0.3","GlobalIPv6Address":"",
       "Aliases":["odoo","3f5c3f5c3f5c"]}}}}
    """
}
