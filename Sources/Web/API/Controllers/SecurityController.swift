import Client
import Hosting
import Hummingbird

/// How the person who asks signs in, and where he is signed in.
struct SecurityController {
  let hosting: Hosting

  func addRoutes(to routes: Routes) {
    routes.post("/account/password", .signedIn, changePassword)
    routes.get("/account/second-factor", .signedIn, secondFactor)
    routes.post("/account/second-factor", .signedIn, begin)
    routes.post("/account/second-factor/confirm", .signedIn, confirm)
    routes.post("/account/second-factor/recovery-codes", .signedIn, renewCodes)
    routes.post("/account/second-factor/off", .signedIn, turnOff)
    routes.get("/account/sessions", .signedIn, sessions)
    routes.delete("/account/sessions", .signedIn, endOthers)
    routes.delete("/account/sessions/{id}", .signedIn, end)
  }

  private func changePassword(_ request: Request, _ context: WebContext) async throws -> Response {
    let change = try await request.json(as: API.PasswordChange.self, context)
    try await hosting.changePassword(change.password, to: change.newPassword, by: context.actor)
    return Response(status: .noContent)
  }

  private func secondFactor(_ request: Request, _ context: WebContext) async throws -> Response {
    let factor = try await hosting.secondFactor(by: context.actor)
    return try .json(API.SecondFactor(isOn: factor.isOn, recoveryCodes: factor.recoveryCodes))
  }

  private func begin(_ request: Request, _ context: WebContext) async throws -> Response {
    let proof = try await request.json(as: API.PasswordProof.self, context)
    let new = try await hosting.beginSecondFactor(password: proof.password, by: context.actor)
    return try .json(API.NewSecondFactor(secret: new.secret.reveal(), address: new.address.reveal()))
  }

  private func confirm(_ request: Request, _ context: WebContext) async throws -> Response {
    let proof = try await request.json(as: API.CodeProof.self, context)
    let codes = try await hosting.confirmSecondFactor(proof.code, by: context.actor)
    return try .json(API.RecoveryCodes(recoveryCodes: codes.map { $0.reveal() }))
  }

  private func renewCodes(_ request: Request, _ context: WebContext) async throws -> Response {
    let proof = try await request.json(as: API.PasswordProof.self, context)
    let codes = try await hosting.renewRecoveryCodes(password: proof.password, by: context.actor)
    return try .json(API.RecoveryCodes(recoveryCodes: codes.map { $0.reveal() }))
  }

  private func turnOff(_ request: Request, _ context: WebContext) async throws -> Response {
    let proof = try await request.json(as: API.PasswordProof.self, context)
    try await hosting.turnSecondFactorOff(password: proof.password, by: context.actor)
    return Response(status: .noContent)
  }

  private func sessions(_ request: Request, _ context: WebContext) async throws -> Response {
    let sessions = try await hosting.sessions(by: context.actor)
    return try .json(API.Page(items: sessions.map { API.Session($0) }, nextCursor: nil))
  }

  private func end(_ request: Request, _ context: WebContext) async throws -> Response {
    try await hosting.endSession(try context.id("session"), by: context.actor)
    return Response(status: .noContent)
  }

  private func endOthers(_ request: Request, _ context: WebContext) async throws -> Response {
    try .json(API.EndedSessions(ended: try await hosting.endOtherSessions(by: context.actor)))
  }
}
