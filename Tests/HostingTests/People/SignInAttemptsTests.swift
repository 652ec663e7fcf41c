import Foundation
import Testing

@testable import Hosting

/// What arrives together, in one process of the control plane or in several.
@Suite struct SignInAttemptsTests {
  private let password = "correct horse"

  /// `hosting` as `count` processes that serve one database have it.
  private func processes(_ count: Int, of hosting: Hosting) -> [Hosting] {
    (0..<count).map { _ in
      Hosting(
        installation: hosting.installation, configuration: hosting.configuration, database: hosting.database,
        jobs: hosting.jobs, masterKey: hosting.masterKey, passwords: hosting.passwords, logger: hosting.logger
      )
    }
  }

  /// How many of 50 attempts that arrive together are looked at, and not refused as too many.
  private func lookedAt(
    _ hostings: [Hosting], _ attempt: @escaping @Sendable (Hosting, Int) async throws -> Void
  ) async -> Int {
    await withTaskGroup(of: Bool.self) { group in
      for number in 0..<50 {
        group.addTask {
          do {
            try await attempt(hostings[number % hostings.count], number)
          } catch let error as HostingError {
            return error.retryAfter == nil
          } catch {
            Issue.record(error)
          }
          return true
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
  }

  private func failures(_ hosting: Hosting) async throws -> [Int] {
    try await hosting.database.query("select failures from sign_in_failures order by key").map {
      try $0.get("failures")
    }
  }

  /// That many failures of the person, who has waited: the next one makes him wait for longer than a test lasts.
  private func fail(_ times: Int, _ hosting: Hosting) async throws {
    try await hosting.database.execute(
      """
      insert into sign_in_failures (key, failures, last_at)
      values (\("person \(Hosting.firstEmail)"), \(times), now() - interval '20 minutes')
      on conflict (key) do update set failures = excluded.failures, last_at = excluded.last_at
      """)
  }

  @Test(arguments: [1, 5], [Hosting.firstEmail, "nobody@example.org"])
  func `passwords that are guessed together are no more than one by one`(
    processes: Int, email: String
  ) async throws {
    try await withHosting { hosting in
      _ = try await hosting.claim(password: password)
      let looked = await lookedAt(self.processes(processes, of: hosting)) { hosting, number in
        _ = try await hosting.signIn(
          email: email, password: "guess \(number)", address: "10.0.0.\(number)", userAgent: "")
      }
      // Where the machine is slow, the first waits of 2, 4 and 8 s pass.
      #expect(looked > SignInAttempts.free && looked < 10)
    }
  }

  @Test(arguments: [1, 5])
  func `after a wait one guess is looked at, by person and by place`(processes: Int) async throws {
    try await withHosting { hosting in
      _ = try await hosting.claim(password: password)
      try await fail(13, hosting)
      try await hosting.database.execute(
        "insert into sign_in_failures select 'address 10.0.0.9', failures, last_at from sign_in_failures")
      let processes = self.processes(processes, of: hosting)
      let ofPerson = await lookedAt(processes) { hosting, number in
        _ = try await hosting.signIn(
          email: Hosting.firstEmail, password: "guess \(number)", address: "10.0.1.\(number)", userAgent: "")
      }
      #expect(ofPerson == 1)
      let fromPlace = await lookedAt(processes) { hosting, number in
        _ = try await hosting.signIn(
          email: "person\(number)@example.org", password: "guess", address: "10.0.0.9", userAgent: "")
      }
      #expect(fromPlace == 1)
      // Those that were refused count for nobody.
      #expect(try await failures(hosting).sorted() == [1, 1, 14, 14])
    }
  }

  @Test(arguments: [1, 5])
  func `codes that are guessed together are no more than one by one`(processes: Int) async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      let program = try await turnOn(hosting, actor)
      let challenge = try await challenge(hosting)
      try await fail(13, hosting)
      let wrong = (0..<50).map { String(format: "%06d", ($0 + 1) * 7919) }.filter { code in
        !(-2...2).contains { program.code(at: OneTimePassword.step(at: Date()) + $0) == code }
      }
      let looked = await lookedAt(self.processes(processes, of: hosting)) { hosting, number in
        _ = try await hosting.signIn(
          challenge: challenge, code: wrong[number % wrong.count], address: "10.0.0.\(number)", userAgent: "")
      }
      #expect(looked == 1)
      try await hosting.database.execute("delete from sign_in_failures")
      let fresh = await lookedAt(self.processes(processes, of: hosting)) { hosting, number in
        _ = try await hosting.signIn(
          challenge: challenge, code: wrong[number % wrong.count], address: "10.0.0.\(number)", userAgent: "")
      }
      #expect(fresh > SignInAttempts.free && fresh < 10)
    }
  }

  @Test func `a browser left open is no place to guess the password in`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      try await fail(13, hosting)
      let looked = await lookedAt([hosting]) { hosting, number in
        try await hosting.changePassword("guess \(number)", to: "another horse", by: actor)
      }
      #expect(looked == 1)
    }
  }

  @Test func `those who know the password are let in together, from one place, after failures as well`()
    async throws
  {
    try await withHosting { hosting in
      _ = try await hosting.claim(password: password)
      try await fail(SignInAttempts.free, hosting)
      let password = password
      let entered = await lookedAt([hosting]) { hosting, _ in
        _ = try await hosting.signIn(
          email: Hosting.firstEmail, password: password, address: "10.0.0.1", userAgent: "")
      }
      #expect(entered == 50)
      #expect(try await failures(hosting).isEmpty, "forgiven")
    }
  }

  @Test func `a right password before the code neither forgives failures nor makes the code wait`()
    async throws
  {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      let program = try await turnOn(hosting, actor)
      try await fail(13, hosting)
      let challenge = try await challenge(hosting)
      #expect(try await failures(hosting).max() == 13)
      _ = try await hosting.signIn(
        challenge: challenge, code: program.code(at: OneTimePassword.step(at: Date()) + 1),
        address: "10.0.0.1",
        userAgent: "")
      #expect(try await failures(hosting).isEmpty)
    }
  }

  private func turnOn(_ hosting: Hosting, _ actor: Actor) async throws -> OneTimePassword {
    let new = try await hosting.beginSecondFactor(password: password, by: actor)
    let program = OneTimePassword(secret: try #require(SecondFactorTests.decode(new.secret.reveal())))
    _ = try await hosting.confirmSecondFactor(
      program.code(at: OneTimePassword.step(at: Date())), by: actor)
    return program
  }

  private func challenge(_ hosting: Hosting) async throws -> String {
    let outcome = try await hosting.signIn(
      email: Hosting.firstEmail, password: password, address: "10.0.0.1", userAgent: "")
    guard case .wantsCode(let challenge) = outcome else {
      Issue.record("signed in without a code")
      return ""
    }
    return challenge.reveal()
  }
}
