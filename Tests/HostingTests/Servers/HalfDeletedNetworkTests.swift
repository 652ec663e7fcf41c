import Foundation
import Remote
import Testing

@testable import Hosting

/// The program that lets Docker start, on records as Docker 20.10.24 writes them.
@Suite struct HalfDeletedNetworkTests {
  private static let settings =
    #""ipamV4Config":"[{\"PreferredPool\":\"\",\"SubPool\":\"\",\"Gateway\":\"\",\"AuxAddresses\":null}]","#
  private static let addresses =
    #""ipamV4Info":"[{\"IPAMData\":\"{}\",\"PoolID\":\"LocalDefault/172.18.0.0/16\"}]","#

  /// A page with one network, between two others that are not concerned.
  private func page(isDeleted: Bool, _ fields: String) -> Data {
    let whole =
      #"\#0\#u{1}\#0{"addrSpace":"LocalDefault","inDelete":false,\#(Self.settings)\#(Self.addresses)"name":"a"}"#
    let network =
      #"network/0ea2/\#0\#u{2}\#0{"addrSpace":"LocalDefault","inDelete":\#(isDeleted),"ipamType":"default",\#(fields)"name":"b"}"#
    return Data((whole + network + whole).utf8)
  }

  private func mended(_ record: Data) async throws -> Data {
    let folder = FileManager.default.temporaryDirectory.appending(path: "odeum-record-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let program = folder.appending(path: "program")
    let file = folder.appending(path: "local-kv.db")
    try Data(HalfDeletedNetworks.mending.utf8).write(to: program)
    try record.write(to: file)
    try await LocalHost().output(
      of: Command("perl").operands(Word(program.path), Word(file.path)), deadline: .seconds(30))
    return try Data(contentsOf: file)
  }

  @Test func `the settings of a network without addresses that is being deleted go, in place`() async throws {
    let other = Self.settings.replacing("V4", with: "V6")
    for fields in [Self.settings, Self.settings + Self.addresses + other, Self.settings + other] {
      let record = page(isDeleted: true, fields)
      let gone =
        fields == Self.settings + Self.addresses + other
        ? ["6"] : fields == Self.settings ? ["4"] : ["4", "6"]
      var expected = String(decoding: record, as: UTF8.self)
      let middle = try #require(expected.range(of: "network/"))
      for version in gone {
        let name = try #require(
          expected.range(of: "ipamV\(version)Config", range: middle.upperBound..<expected.endIndex))
        expected.replaceSubrange(name, with: "ipamV\(version)Ended_")
      }
      let now = try await mended(record)
      #expect(String(decoding: now, as: UTF8.self) == expected)
      #expect(try await mended(now) == now)
    }
  }

  @Test func `everything else stays as it is`() async throws {
    for record in [
      page(isDeleted: true, Self.settings + Self.addresses), page(isDeleted: false, Self.settings), Data(),
    ] { #expect(try await mended(record) == record) }
  }

  @Test func `a folder is one word to systemd, whatever it is called`() {
    #expect(
      HalfDeletedNetworks.starting(#"/a b/"%\"#).contains(
        #"ExecStartPre=-/usr/local/lib/odeum/half-deleted-networks "/a b/\"%%\\/network/files/local-kv.db""#))
  }
}
