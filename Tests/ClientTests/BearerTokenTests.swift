import Testing

@testable import Client

@Suite struct BearerTokenTests {
  @Test func `a token's secret stays out of every way to print it`() throws {
    let token = try #require(BearerToken("odeum_s3cret"))
    var dumped = ""
    dump((token, ["token": token]), to: &dumped)
    for text in ["\(token)", String(reflecting: token), "\([token])", dumped] {
      #expect(!text.contains("s3cret"), "\(text)")
    }
  }

  @Test func `white space around a pasted token is dropped`() {
    #expect(BearerToken(" abc\n")?.secret == "abc")
  }

  @Test(arguments: ["", " \n", "a b", "a\r\nX-Evil: 1", "ä"])
  func `what no header may carry is no token`(text: String) {
    #expect(BearerToken(text) == nil)
  }
}
