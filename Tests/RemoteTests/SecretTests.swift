import Remote
import Testing

@Suite("Secret")
struct SecretTests {
  let secret = Secret("hunter2-Ωß")

  @Test("every way of printing a secret shows [redacted]")
  func printing() {
    var dumped = ""
    dump(secret, to: &dumped)
    struct Holder { var password: Secret }
    var holder = ""
    dump(Holder(password: secret), to: &holder)
    let texts = [
      "\(secret)", String(describing: secret), String(reflecting: secret), dumped, holder,
      "\(Holder(password: secret))", "\([secret])", "\(Optional(secret) as Any)",
    ]
    for text in texts {
      #expect(text.contains("[redacted]"))
      #expect(!text.contains("hunter2"))
    }
  }

  @Test("a secret gives its text on an explicit call only")
  func reveal() {
    #expect(secret.reveal() == "hunter2-Ωß")
    #expect(!(secret as Any is any Encodable))
  }

  @Test("equality compares bytes: other texts, other lengths and other spellings of a character are unequal")
  func equality() {
    #expect(secret == Secret("hunter2-Ωß"))
    #expect(secret != Secret("hunter2-Ωs"))
    #expect(secret != Secret("hunter2-Ω"))
    #expect(secret != Secret(""))
    #expect(Secret("é") != Secret("e\u{301}"))
    #expect(Set([secret, Secret("hunter2-Ωß"), Secret("other")]).count == 2)
  }
}
