import Foundation
import Testing

@testable import Remote

@Suite("Facts of a host")
struct HostFactsTests {
  let host = LocalHost()

  @Test("the facts of this machine agree with what the system says")
  func thisMachine() async throws {
    let facts = try await host.facts()
    #expect(facts.cores > 0 && facts.cores <= ProcessInfo.processInfo.processorCount)
    let memory = ProcessInfo.processInfo.physicalMemory
    #expect(abs(Double(facts.memoryTotal) - Double(memory)) < Double(memory) * 0.1)
    #expect(facts.memoryAvailable > 0 && facts.memoryAvailable < facts.memoryTotal)
    let disk = try FileManager.default.attributesOfFileSystem(forPath: "/")
    #expect(facts.disk.total == disk[.systemSize] as? Int)
    #expect(facts.disk.available > 0 && facts.disk.available <= facts.disk.total)
    #expect(facts.disk.inodesFree <= facts.disk.inodesTotal)
    #expect(!facts.osName.isEmpty && !facts.architecture.isEmpty)
    #expect(facts.load.one >= 0)
  }

  @Test("a path that does not exist is an error that names it")
  func missingPath() async throws {
    let error = await #expect(throws: HostError.self) { try await host.facts(diskAt: "/no/such/path") }
    #expect(error?.message.contains("/no/such/path") == true)
  }

  @Test("a recorded report gives exact facts, other lines aside")
  func recorded() throws {
    let report = """
      == cores
      2
      == memory
      MemTotal:       24617148 kB
      MemFree:         1000000 kB
      MemAvailable:   20000000 kB
      SwapTotal:       1048572 kB
      SwapFree:        1048000 kB
      HugePages_Total:       0
      == load
      0.50 1.25 2.00 1/345 6789
      == machine
      x86_64
      == system
      PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
      NAME="Debian GNU/Linux"
      VERSION_ID="12"
      == disk
      4096 66061558 20000000 16777216 15000000

      """
    #expect(
      try HostFacts(report: report)
        == HostFacts(
          cores: 2, memoryTotal: 24_617_148 * 1024, memoryAvailable: 20_000_000 * 1024,
          swapTotal: 1_048_572 * 1024,
          swapFree: 1_048_000 * 1024,
          disk: DiskFacts(
            total: 4096 * 66_061_558, available: 4096 * 20_000_000, inodesTotal: 16_777_216,
            inodesFree: 15_000_000),
          load: .init(one: 0.5, five: 1.25, fifteen: 2), osName: "Debian GNU/Linux", osVersion: "12",
          architecture: "x86_64"))
  }

  @Test(
    "a report that was cut off is refused, not guessed", arguments: ["", "== cores\n2\n", "== cores\nmany\n"])
  func cutOff(report: String) {
    #expect(throws: HostFacts.Unreadable.self) { try HostFacts(report: report) }
  }
}

@Suite("Listening ports")
struct ListeningPortsTests {
  @Test("a listener on loopback is seen, and gone when it closes")
  func listener() async throws {
    var wasSeenGone = false
    // Another program may be given the port at once, and not three times in a row.
    for _ in 0..<3 where !wasSeenGone {
      let socket = try TestListener()
      #expect(try await LocalHost().listeningPorts().contains(socket.port))
      #expect(
        try await LocalHost().listeningSockets().contains(
          ListeningSocket(address: "127.0.0.1", port: socket.port)))
      socket.close()
      wasSeenGone = try await !LocalHost().listeningPorts().contains(socket.port)
    }
    #expect(wasSeenGone)
  }

  @Test("the kernel's tables are read: listeners only, IPv4 and IPv6")
  func tables() {
    let table = """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
         1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
         2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
        sl  local_address                         remote_address                        st tx_queue rx_queue
         0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000
         1: 00000000000000000000000001000000:0051 00000000000000000000000000000000:0000 0A 00000000:00000000
         2: 0000000000000000FFFF00000100007F:0052 00000000000000000000000000000000:0000 0A 00000000:00000000
         3: B80D01200000000000000000010000FF:0053 00000000000000000000000000000000:0000 0A 00000000:00000000
      """
    let expected: [(String, Int)] = [
      ("127.0.0.1", 8080), ("0.0.0.0", 22), ("::", 80), ("::1", 81), ("::ffff:127.0.0.1", 82),
      ("2001:db8::ff00:1", 83),
    ]
    #expect(
      ListeningSocket.listeners(in: table) == Set(expected.map { ListeningSocket(address: $0.0, port: $0.1) })
    )
  }
}

/// A TCP listener on loopback at a port of the system's choice.
struct TestListener {
  let descriptor: Int32
  let port: Int

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let outcome = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
        bind(descriptor, plain, length) == 0 && listen(descriptor, 1) == 0
          && getsockname(descriptor, plain, &length) == 0
      }
    }
    try #require(outcome)
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  func close() {
    _ = Foundation.close(descriptor)
  }
}
