import Odoo
import Testing

@testable import Hosting

@Suite struct RepositoryAddressTests {
  @Test(arguments: [
    ("https://github.com/OCA/web.git", "web"), ("http://127.0.0.1:8080/cgi-bin/git/shop.git/", "shop"),
    ("ssh://git@git.example.com:2222/~team/my-shop.git", "my-shop"), ("https://[::1]:3000/a/b", "b"),
    ("ssh://git.example.com/srv/git/shop", "shop"), ("git@github.com:acme/shop.git", "shop"),
    ("git@host:shop", "shop"), ("https://dev.azure.com/acme/My%20Shop/_git/shop", "shop"),
  ])
  func `an address of a usual form is refused`(text: String, name: String) throws {
    let address = try RepositoryAddress(text)
    #expect(address.text == text)
    #expect(address.name == name)
  }

  @Test(arguments: [
    "", "--upload-pack=touch /tmp/x", "--upload-pack=x", "-oProxyCommand=x", "ext::sh -c id", "ext::id",
    "file:///etc", "/etc", "../etc", "~/x", "git://host/x", "ftp://host/x", "HTTPS://host/x", "host:path",
    "https://host", "https://host/", "https:///path", "https://-oProxyCommand=x/path",
    "ssh://-oProxyCommand=x/y",
    "ssh://git@-oProxyCommand=x/y", "git@-oProxyCommand=x:y", "-x@host:path", "git@host:-x", "git@host:",
    "ssh://-l@host/x", "https://host/a\nb", "https://host/a\0b", "https://host/a b",
    "https://host/a\u{202E}b",
    "https://host/ä", "https://host:0/x", "https://host:99999/x", "https://host:１/x", "https://host:x/y",
    "https://host/a;id", "https://host/$(id)", "https://host/`id`", "https://host/x?y=z",
    "https://host/x#main",
    "https://host/../../etc", "git@host:../x", "git@ho st:x", "a/b@host:x", "https://ho$st/x",
    "https://[::1/x",
    "https://host/" + String(repeating: "a", count: 500),
  ])
  func `an address that git would take for something else is let through`(text: String) {
    #expect(throws: InputProblem.self) { try RepositoryAddress(text) }
  }

  @Test(arguments: [
    "https://ann:hunter2@host/x", "https://hunter2@host/x", "ssh://git:hunter2@host/x", "git:hunter2@host:x",
    "https://ann:hunter2@host:x/y", "https://ann:hunter2@host/a b", "ftp://ann:hunter2@host/x",
    "https://ann:hunter2@", "ann:hunter2@host",
  ])
  func `a password in an address is let through, or shown in the message`(text: String) {
    let problem = #expect(throws: InputProblem.self) { try RepositoryAddress(text) }
    #expect(problem?.description.contains("hunter2") == false)
  }

  @Test func `the message of a password says to withdraw it`() {
    let problem = #expect(throws: InputProblem.self) { try RepositoryAddress("https://token@host/x") }
    #expect(problem?.message.contains("holds a user or a password") == true)
    #expect(problem?.suggestion.contains("withdraw") == true)
  }
}

@Suite struct BranchNameTests {
  @Test(arguments: ["19.0", "main", "feature/stock-2", "é", "a@b", "user/@x", "x.y"])
  func `a branch that git takes is refused`(text: String) throws {
    #expect(try BranchName(text).text == text)
  }

  @Test(arguments: [
    "", "-b", "--upload-pack=x", ".a", "a/.b", "a..b", "a.", "a/", "/a", "a//b", "a.lock", "a.lock/b", "a b",
    "a~1",
    "a^", "a:b", "a?", "a*", "a[b", "a\\b", "a@{1}", "@", "HEAD", "a\nb", "a\0b", "a\u{7F}", "a\u{202E}b",
    "a\u{A0}b", String(repeating: "a", count: 201),
  ])
  func `a branch that git refuses, or takes for something else, is let through`(text: String) {
    #expect(throws: InputProblem.self) { try BranchName(text) }
  }
}
