import Foundation
import Testing

@testable import Hosting

@Suite struct SecondFactorTests {
  private let password = "correct horse"

  /// Turns a second factor on. Returns what the person's program knows from then on, and the recovery codes.
  private func turnOn(_ hosting: Hosting, _ actor: Actor) async throws -> (OneTimePassword, [String]) {
    let new = try await hosting.beginSecondFactor(password: password, by: actor)
    let program = OneTimePassword(secret: try #require(Self.decode(new.secret.reveal())))
    let codes = try await hosting.confirmSecondFactor(now(program), by: actor)
    return (program, codes.map { $0.reveal() })
  }

  private func now(_ program: OneTimePassword, _ steps: Int = 0) -> String {
    program.code(at: OneTimePassword.step(at: Date()) + steps)
  }

  private func challenge(_ hosting: Hosting) async throws -> String {
    let outcome = try await hosting.signIn(
      email: Hosting.firstEmail, password: password, address: "10.0.0.1", userAgent: "test")
    guard case .wantsCode(let challenge) = outcome else {
      Issue.record("signed in without a code")
      return ""
    }
    return challenge.reveal()
  }

  /// As a person's program reads what was typed into it.
  static func decode(_ text: String) -> Data? {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    var bits = ""
    for character in text {
      guard let value = alphabet.firstIndex(of: character) else { return nil }
      let digits = String(value, radix: 2)
      bits += String(repeating: "0", count: 5 - digits.count) + digits
    }
    return Data(
      stride(from: 0, to: bits.count / 8 * 8, by: 8).compactMap { start in
        let from = bits.index(bits.startIndex, offsetBy: start)
        return UInt8(bits[from..<bits.index(from, offsetBy: 8)], radix: 2)
      })
  }

  /// RFC 6238, appendix B; the last six of its eight digits.
  @Test(arguments: [
    (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
    (2_000_000_000, "279037"), (20_000_000_000, "353130"),
  ])
  func `codes are those of the standard`(_ time: Int, _ code: String) {
    let password = OneTimePassword(secret: Data("12345678901234567890".utf8))
    #expect(password.code(at: OneTimePassword.step(at: Date(timeIntervalSince1970: Double(time)))) == code)
  }

  @Test func `what is typed by hand and what the QR code shows is the secret`() throws {
    let password = OneTimePassword(secret: Data("12345678901234567890".utf8))
    #expect(password.text == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    #expect(Self.decode(password.text) == password.secret)
    #expect(
      password.address(for: "ada@example.org", issuer: "Odeum")
        == "otpauth://totp/Odeum:ada@example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Odeum")
  }

  @Test func `the password alone lets nobody in any more`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      #expect(try await !hosting.secondFactor(by: actor).isOn)
      let (program, _) = try await turnOn(hosting, actor)
      #expect(try await hosting.secondFactor(by: actor).isOn)
      let challenge = try await challenge(hosting)
      #expect(try await hosting.actor(session: challenge) == nil)
      // The code that turned it on is used up; the next one is good although it is early.
      let signedIn = try await hosting.signIn(
        challenge: challenge, code: now(program, 1), address: "10.0.0.1", userAgent: "test")
      #expect(signedIn.actor.userID == actor.userID)
    }
  }

  @Test func `no code is good twice, nor one from before`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      let (program, _) = try await turnOn(hosting, actor)
      let challenge = try await challenge(hosting)
      for used in [now(program), now(program, -1), now(program, 5), "", "abcdef"] {
        let error = await #expect(throws: HostingError.self) {
          try await hosting.signIn(challenge: challenge, code: used, address: "", userAgent: "")
        }
        #expect(error == HostingError.wrongCode)
      }
    }
  }

  @Test func `guessing codes is slowed down like guessing passwords`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      let (program, _) = try await turnOn(hosting, actor)
      let challenge = try await challenge(hosting)
      for _ in 0..<6 {
        _ = try? await hosting.signIn(
          challenge: challenge, code: "000000", address: "10.0.0.1", userAgent: "")
      }
      let error = await #expect(throws: HostingError.self) {
        try await hosting.signIn(
          challenge: challenge, code: now(program, 1), address: "10.0.0.9", userAgent: "")
      }
      #expect(error?.retryAfter != nil)
    }
  }

  @Test func `a challenge ends, and is nothing without a right password before it`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      let (program, _) = try await turnOn(hosting, actor)
      let late = try await challenge(hosting)
      try await hosting.database.execute("update sign_in_challenges set expires_at = now()")
      for challenge in [late, "guessed", ""] {
        let error = await #expect(throws: HostingError.self) {
          try await hosting.signIn(challenge: challenge, code: now(program, 1), address: "", userAgent: "")
        }
        #expect(error?.code == .unauthenticated)
      }
    }
  }

  @Test(arguments: [SignInLink.Purpose.resetPassword, .setPassword])
  func `a link for a new password ends what the former one had begun`(purpose: SignInLink.Purpose)
    async throws
  {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      let (program, _) = try await turnOn(hosting, actor)
      let begun = try await challenge(hosting)
      let link = try await hosting.makeSignInLink(
        for: Hosting.firstEmail, purpose: purpose, lifetime: .seconds(60)
      ).reveal()
      if purpose == .resetPassword {
        try await hosting.resetPassword(link, newPassword: "another horse", address: "")
      } else {
        _ = try await hosting.useSignInLink(link, newPassword: "another horse", address: "", userAgent: "")
      }
      let error = await #expect(throws: HostingError.self) {
        try await hosting.signIn(challenge: begun, code: now(program, 1), address: "", userAgent: "")
      }
      #expect(error?.code == .unauthenticated)
    }
  }

  @Test func `a mailed link turns it off with the password, once, and ends all sessions`() async throws {
    try await withHosting { hosting in
      let signedIn = try await hosting.claim(password: password)
      _ = try await turnOn(hosting, signedIn.actor)
      let begun = try await challenge(hosting)
      let link = try await hosting.makeSignInLink(
        for: Hosting.firstEmail, purpose: .secondFactorOff, lifetime: .seconds(60)
      ).reveal()
      func refusal(_ work: () async throws -> Void) async -> HostingError.Code? {
        await #expect(throws: HostingError.self) { try await work() }?.code
      }
      // It is good for nothing else, and nothing else is good for it.
      #expect(
        await refusal {
          _ = try await hosting.useSignInLink(link, newPassword: nil, address: "", userAgent: "")
        } == .unauthenticated)
      #expect(
        await refusal { try await hosting.resetPassword(link, newPassword: "another horse", address: "") }
          == .unauthenticated)
      let entering = try await hosting.makeSignInLink(
        for: Hosting.firstEmail, purpose: .signIn, lifetime: .seconds(60)
      ).reveal()
      #expect(
        await refusal {
          try await hosting.turnSecondFactorOff(link: entering, password: password, address: "")
        } == .unauthenticated)
      #expect(
        await refusal {
          try await hosting.turnSecondFactorOff(link: link, password: "wrong horse", address: "")
        } == .invalid)
      _ = try await challenge(hosting)

      try await hosting.turnSecondFactorOff(link: link, password: password, address: "10.0.0.1")
      #expect(try await hosting.actor(session: signedIn.token.reveal()) == nil)
      #expect(
        await refusal {
          _ = try await hosting.signIn(challenge: begun, code: "000000", address: "", userAgent: "")
        } == .unauthenticated)
      let outcome = try await hosting.signIn(
        email: Hosting.firstEmail, password: password, address: "10.0.0.1", userAgent: "test")
      guard case .signedIn(let again) = outcome else {
        Issue.record("a code is asked for")
        return
      }
      let noted = try await hosting.audit(page: PageRequest(), by: again.actor).items
        .first { $0.action == "person.second-factor.off" }
      #expect(noted?.who == Hosting.firstEmail && noted?.address == "10.0.0.1" && noted?.door == "console")
      #expect(
        await refusal { try await hosting.turnSecondFactorOff(link: link, password: password, address: "") }
          == .unauthenticated)
    }
  }

  @Test func `a link that was mailed before the password was chosen by mail turns it off`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      _ = try await turnOn(hosting, actor)
      func link(_ purpose: SignInLink.Purpose) async throws -> String {
        try await hosting.makeSignInLink(for: Hosting.firstEmail, purpose: purpose, lifetime: .seconds(60))
          .reveal()
      }
      let (off, reset) = (try await link(.secondFactorOff), try await link(.resetPassword))
      try await hosting.resetPassword(reset, newPassword: "another horse", address: "")
      let error = await #expect(throws: HostingError.self) {
        try await hosting.turnSecondFactorOff(link: off, password: "another horse", address: "")
      }
      #expect(error?.code == .unauthenticated)
    }
  }

  @Test func `guessing the code that turns it on is slowed down too, and asking for nothing is no guess`()
    async throws
  {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      func refusal(_ code: String) async -> HostingError? {
        await #expect(throws: HostingError.self) {
          try await hosting.confirmSecondFactor(code, by: actor)
        }
      }
      for _ in 0..<6 { #expect(await refusal("000000")?.code == .conflict) }
      let new = try await hosting.beginSecondFactor(password: password, by: actor)
      let program = OneTimePassword(secret: try #require(Self.decode(new.secret.reveal())))
      for _ in 0...SignInAttempts.free { #expect(await refusal("wrong") == HostingError.wrongCode) }
      // As after more of them: the first wait is shorter than a slow machine takes.
      try await hosting.database.execute("update sign_in_failures set failures = 13")
      #expect(await refusal(now(program))?.retryAfter != nil, "also for the right one")
      #expect(try await !hosting.secondFactor(by: actor).isOn)
      try await hosting.database.execute(
        "update sign_in_failures set last_at = now() - interval '20 minutes'")
      _ = try await hosting.confirmSecondFactor(now(program), by: actor)
      #expect(try await hosting.secondFactor(by: actor).isOn)
    }
  }

  @Test func `a recovery code is good once, however it is typed`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      let (_, codes) = try await turnOn(hosting, actor)
      #expect(Set(codes).count == Hosting.recoveryCodes)
      let typed = codes[3].uppercased().replacing("-", with: " ")
      let challenge = try await challenge(hosting)
      _ = try await hosting.signIn(challenge: challenge, code: typed, address: "", userAgent: "")
      #expect(try await hosting.secondFactor(by: actor).recoveryCodes == Hosting.recoveryCodes - 1)
      let again = try await self.challenge(hosting)
      await #expect(throws: HostingError.self) {
        try await hosting.signIn(challenge: again, code: codes[3], address: "", userAgent: "")
      }
      let renewed = try await hosting.renewRecoveryCodes(password: password, by: actor).map { $0.reveal() }
      await #expect(throws: HostingError.self) {
        try await hosting.signIn(challenge: again, code: codes[4], address: "", userAgent: "")
      }
      _ = try await hosting.signIn(challenge: again, code: renewed[0], address: "", userAgent: "")
    }
  }

  @Test func `a browser left open is not enough to change it`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      let wrong = { (body: () async throws -> Void) async in
        let error = await #expect(throws: HostingError.self) { try await body() }
        #expect(error?.fields.map(\.name) == ["password"])
      }
      await wrong { _ = try await hosting.beginSecondFactor(password: "guess", by: actor) }
      _ = try await turnOn(hosting, actor)
      await wrong { try await hosting.turnSecondFactorOff(password: "guess", by: actor) }
      await wrong { _ = try await hosting.renewRecoveryCodes(password: "guess", by: actor) }
      #expect(try await hosting.secondFactor(by: actor).isOn)
    }
  }

  @Test func `one that was begun and not confirmed asks for nothing`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      _ = try await hosting.beginSecondFactor(password: password, by: actor)
      let error = await #expect(throws: HostingError.self) {
        try await hosting.confirmSecondFactor("000000", by: actor)
      }
      #expect(error == HostingError.wrongCode)
      let outcome = try await hosting.signIn(
        email: Hosting.firstEmail, password: password, address: "", userAgent: "")
      guard case .signedIn = outcome else {
        Issue.record("a code is asked for")
        return
      }
    }
  }

  @Test func `who has lost everything is let in again by the operator at the machine`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      _ = try await turnOn(hosting, actor)
      try await hosting.resetSecondFactor(of: Hosting.firstEmail)
      #expect(try await hosting.secondFactor(by: actor) == (false, 0))
      #expect(
        try await hosting.audit(page: PageRequest(), by: actor).items.first?.action
          == AuditAction.turnSecondFactorOff.rawValue)
      // And may set up a new one.
      _ = try await turnOn(hosting, actor)
    }
  }
}
