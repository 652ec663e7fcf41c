@testable import Hosting

extension Hosting {
  /// Claims the installation with a password, as its first person does by the first link. Returns their first session.
  func claim(password: String = "correct horse") async throws -> SignedIn {
    let link = try await makeSignInLink(
      for: Hosting.firstEmail, purpose: .setPassword, lifetime: .seconds(60))
    return try await useSignInLink(
      link.reveal(), newPassword: password, address: "127.0.0.1", userAgent: "test")
  }
}
