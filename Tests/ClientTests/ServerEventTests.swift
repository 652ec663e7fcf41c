import Testing

@testable import Client

@Suite struct ServerEventTests {
  private let text = """
    : here
    id: 7
    event: log
    data: {"text":"a: b"}

    data:one
    data: two

    event: nothing

    id: 8
    event:end
    data


    """

  private let events = [
    ServerEvent(id: "7", name: "log", data: #"{"text":"a: b"}"#),
    ServerEvent(id: "7", name: "message", data: "one\ntwo"),
    ServerEvent(id: "8", name: "end", data: ""),
  ]

  @Test(arguments: [1, 2, 3, 7, 1000], ["\n", "\r\n", "\r"])
  func `events come out whole, however the bytes are cut and lines are ended`(size: Int, newline: String) {
    var parser = ServerEventParser()
    var found: [ServerEvent] = []
    var bytes = Array(text.replacing("\n", with: newline).utf8)[...]
    while !bytes.isEmpty {
      found += parser.take(bytes.prefix(size))
      bytes = bytes.dropFirst(size)
    }
    #expect(found == events)
  }

  @Test func `an event that was cut off is not delivered`() {
    var parser = ServerEventParser()
    #expect(parser.take("id: 1\ndata: half\n".utf8).isEmpty)
  }
}
