import Foundation

/// A key pair with which Odeum signs in to a server.
public struct SSHKey: Sendable, Hashable {
  /// The private key as OpenSSH writes it.
  public let privateKey: Secret
  /// The line for `authorized_keys`.
  public let publicKey: String

  /// Makes an ed25519 key pair with `ssh-keygen`.
  ///
  /// - Parameters:
  ///   - comment: what the public key says of itself, so that people know whose it is; one line.
  ///   - folder: a folder in which a private folder may be made for a moment.
  /// - Throws: `HostError` if `ssh-keygen` is missing; `SSHError`; `CancellationError`.
  public static func generate(comment: String, in folder: String = NSTemporaryDirectory()) async throws
    -> SSHKey
  {
    let place = try PrivateFolder.make(in: folder)
    defer { PrivateFolder.remove(place) }
    let file = "\(place)/key"
    let line = comment.filter { !$0.isNewline && $0 != "\0" }
    try await LocalHost().output(
      of: Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", Word(line), "-f", Word(file)),
      deadline: .seconds(30))
    guard let privateKey = try await LocalHost().read(file),
      let publicKey = try await LocalHost().read("\(file).pub")
    else { throw SSHError.keyUnreadable(reason: "ssh-keygen left no files") }
    return SSHKey(privateKey: privateKey, publicKey: publicKey)
  }

  /// The pair of an existing private key.
  ///
  /// - Throws: `SSHError.keyHasPassphrase`, `SSHError.keyUnreadable`; `HostError` if `ssh-keygen` is missing;
  ///   `CancellationError`.
  public static func reading(_ privateKey: Secret, in folder: String = NSTemporaryDirectory()) async throws
    -> SSHKey
  {
    let place = try PrivateFolder.make(in: folder)
    defer { PrivateFolder.remove(place) }
    let file = "\(place)/key"
    // What was pasted often lacks the last line's end, without which OpenSSH reads no key, or has a browser's.
    let text = privateKey.reveal().replacing("\r\n", with: "\n").trimmingCharacters(in: .newlines) + "\n"
    try PrivateFolder.write(text, to: file)
    let result = try await LocalHost().run(
      Command("ssh-keygen", "-y", "-P", "", "-f", Word(file)), deadline: .seconds(30))
    guard result.exitStatus.isSuccess else {
      let words = result.repairedErrorText
      if words.contains("incorrect passphrase") { throw SSHError.keyHasPassphrase }
      throw SSHError.keyUnreadable(reason: SSHError.lastLine(of: words).replacing("\(file)", with: "the key"))
    }
    return SSHKey(privateKey: Array(text.utf8), publicKey: result.stdout)
  }

  private init(privateKey: [UInt8], publicKey: [UInt8]) {
    self.privateKey = Secret(String(decoding: privateKey, as: UTF8.self))
    self.publicKey = String(decoding: publicKey, as: UTF8.self).trimmingCharacters(in: .newlines)
  }
}
