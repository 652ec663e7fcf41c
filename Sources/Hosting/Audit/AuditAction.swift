/// What was done, as the audit log names it.
public enum AuditAction: String, Sendable, CaseIterable {
  case signIn = "person.sign-in"
  case setPassword = "person.password"
  case turnSecondFactorOn = "person.second-factor.on"
  case turnSecondFactorOff = "person.second-factor.off"
  case renewRecoveryCodes = "person.recovery-codes"
  case endSession = "person.session.end"
  case makeLink = "person.link"

  case invite = "member.invite"
  case withdrawInvitation = "member.withdraw"
  case acceptInvitation = "member.join"
  case changeMember = "member.change"
  case removeMember = "member.remove"

  case createOrganisation = "organisation.create"
  case changeOrganisation = "organisation.change"
  case removeOrganisation = "organisation.remove"

  case createToken = "token.create"
  case revokeToken = "token.revoke"

  case createInstance = "instance.create"
  case startInstance = "instance.start"
  case stopInstance = "instance.stop"
  case restartInstanceSoftly = "instance.restart.soft"
  case restartInstanceHard = "instance.restart.hard"
  case removeInstance = "instance.remove"
  case moveInstance = "instance.stage"
  case changeSettings = "instance.settings"
  case revealDatabase = "instance.database.reveal"
  case clearMail = "instance.mail.clear"
  case cancelOperation = "job.cancel"

  case addServer = "server.add"
  case editServer = "server.edit"
  case setServerMode = "server.mode"
  case validateServer = "server.validate"
  case prepareServer = "server.prepare"
  case removeServer = "server.remove"
  case removeStray = "server.stray"
  case adoptServer = "server.adopt"

  case rotateMasterKey = "installation.key"
}
