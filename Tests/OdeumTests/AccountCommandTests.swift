import Testing

@testable import odeum

@Suite struct AccountCommandTests {
  @Test func `the password is changed by a command, and is no argument of it`() throws {
    let command = try Odeum.parseAsRoot(["account", "password", "--password-stdin"])
    #expect((command as? ChangePassword)?.passwordStdin == true)
    #expect(throws: (any Error).self) {
      try Odeum.parseAsRoot(["account", "password", "correct horse", "another horse"])
    }
  }

  @Test func `two passwords are sent as they were typed`() throws {
    let typed = try ChangePassword.checked(" correct horse", "another horse ", again: "another horse ")
    #expect(typed == (" correct horse", "another horse "))
  }

  @Test(arguments: [
    (nil, nil, nil, "not two passwords"), ("correct horse", nil, nil, "not two passwords"),
    ("correct horse", "", "", "not two passwords"),
    ("", "another horse", "another horse", "not two passwords"),
    ("correct horse", "another horse", "another hose", "typed in two ways"),
    ("correct horse", "another horse", nil, "typed in two ways"),
  ])
  func `what is missing or differs is sent nowhere`(
    present: String?, new: String?, again: String?, reason: String
  ) throws {
    let failure = #expect(throws: CommandFailure.self) {
      try ChangePassword.checked(present, new, again: again)
    }
    #expect(failure?.status == .usage && failure?.message.contains(reason) == true)
  }
}
