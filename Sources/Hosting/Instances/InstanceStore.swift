import Foundation
import Jobs

/// Reads and writes instances. Rules are not here.
///
/// What is given a transaction happens in it, the rest at once.
protocol InstanceStore: Sendable {
  /// The living instance that `reference` names (by name or id) in `organisation`, nil where there is none.
  func find(_ reference: String, in organisation: UUID, _ transaction: (any Transaction)?) async throws
    -> Instance?

  /// The living instance `id`, whosever it is.
  func get(_ id: UUID, _ transaction: (any Transaction)?) async throws -> Instance?

  /// Every living instance of `server`, by name.
  func all(on server: UUID, _ transaction: (any Transaction)?) async throws -> [Instance]

  /// The identity of every living instance of `server`.
  func identities(on server: UUID, _ transaction: (any Transaction)?) async throws -> [UUID]

  /// Puts a new instance in.
  ///
  /// - Throws: `PostgresError` with constraint `instances_name`, `instances_host_name` or `instances_port` where one
  ///   of these is taken.
  func insert(_ instance: Instance, sealed: SealedSecrets, _ transaction: (any Transaction)?) async throws

  /// Says what users see of `instance` from now on.
  func setStatus(
    _ id: UUID, _ status: InstanceStatus, reason: String, job: UUID?, _ transaction: (any Transaction)?
  ) async throws

  /// As `setStatus`, unless the instance is being removed: that stays what users see until it is gone.
  func setStatusUnlessRemoving(
    _ id: UUID, _ status: InstanceStatus, reason: String, _ transaction: (any Transaction)?
  ) async throws

  /// As `setStatus`, but only where the instance is still `expected` and nothing is under way with it: what
  /// was seen on a host may be older than what an operation has done since. Returns whether it was.
  func correctStatus(
    _ id: UUID, from expected: InstanceStatus, to status: InstanceStatus, reason: String,
    _ transaction: (any Transaction)?
  ) async throws -> Bool

  /// Gives the instance another block of ports.
  ///
  /// - Throws: `PostgresError` with constraint `instances_port` where that one is taken by now.
  func setBasePort(_ id: UUID, _ port: Int, _ transaction: (any Transaction)?) async throws

  /// Says whether the instance should run.
  func setDesired(_ id: UUID, _ desired: DesiredState, _ transaction: (any Transaction)?) async throws

  /// Saves settings if nobody saved others since `revision`. Returns whether it did.
  func setSettings(
    _ id: UUID, _ settings: InstanceSettings, expecting revision: Int, _ transaction: (any Transaction)?
  ) async throws -> Bool

  /// What the last operation on the instance was given; nil where none has begun since that is noted.
  func given(_ id: UUID, _ transaction: (any Transaction)?) async throws -> GivenSettings?

  /// Notes what an operation on the instance works with.
  func setGiven(_ id: UUID, _ given: GivenSettings, _ transaction: (any Transaction)?) async throws

  /// Notes that `settings` are in effect, in containers that were made under `circumstances` from the images and the code
  /// that are noted now.
  func setApplied(
    _ id: UUID, _ settings: InstanceSettings, _ circumstances: Circumstances,
    _ transaction: (any Transaction)?
  ) async throws

  /// Notes that no settings are in effect: what was made of the instance was taken away again.
  func forgetApplied(_ id: UUID, _ transaction: (any Transaction)?) async throws

  /// Notes how the parts of the instance differ from what they should be.
  func setDrift(_ id: UUID, _ drift: [Drift], _ transaction: (any Transaction)?) async throws

  /// The images that the instance is made from, nil where they are not known yet.
  func images(of id: UUID, _ transaction: (any Transaction)?) async throws -> ImageIDs?

  /// Notes the images that the instance is made from.
  func setImages(_ id: UUID, _ images: ImageIDs, _ transaction: (any Transaction)?) async throws

  /// The code of custom modules that the instance was last given.
  func checkouts(of id: UUID, _ transaction: (any Transaction)?) async throws -> [ModuleCheckout]

  /// Notes the code of custom modules that the instance is given.
  func setCheckouts(_ id: UUID, _ checkouts: [ModuleCheckout], _ transaction: (any Transaction)?) async throws

  /// The sealed secrets of the instance.
  func secrets(of id: UUID, _ transaction: (any Transaction)?) async throws -> SealedSecrets?

  /// Tells those who look on that something of the server `server` concerns its instances.
  func announce(on server: UUID, _ transaction: (any Transaction)?) async throws

  /// Leaves a tombstone in the place of the instance; its name and its ports are free from here on.
  func bury(_ id: UUID, _ transaction: (any Transaction)?) async throws

  /// The first ports of the blocks that are taken on `server`.
  func takenPorts(on server: UUID, _ transaction: (any Transaction)?) async throws -> Set<Int>

  /// Moves the instance to another stage.
  func setStage(_ id: UUID, _ stage: Stage, _ transaction: (any Transaction)?) async throws

  /// The names of instances, also of those that are gone, and whether they are.
  func known(among ids: [UUID], _ transaction: (any Transaction)?) async throws -> [UUID: KnownInstance]

  /// At most `limit` living instances of `organisation` (of these, where `ids` are given; on `server`, where it is) that
  /// match, behind the name `after`, by name.
  func list(
    in organisation: UUID, only ids: [UUID]?, on server: UUID?, stage: Stage?, status: InstanceStatus?,
    search: String?, after: String?, limit: Int, _ transaction: (any Transaction)?
  ) async throws -> [InstanceSummary]

  /// The living instances on `server` that are to be adopted.
  func restored(on server: UUID, _ transaction: (any Transaction)?) async throws -> Set<UUID>

  /// Says what was found of an instance, unless an operation was asked for since the restore: that one decides.
  /// Returns whether it was said.
  func adopt(_ id: UUID, _ adoption: Adoption, _ transaction: (any Transaction)?) async throws -> Bool

  /// What is in effect of the living instances of `server`; what is noted, where nothing has taken effect.
  func partsInEffect(on server: UUID, _ transaction: (any Transaction)?) async throws -> [UUID: InstanceParts]

  /// What living instances of `server` need of images with packages.
  ///
  /// - Parameter instance: one that does not count; nil where all do.
  func packageNeeds(on server: UUID, but instance: UUID?, _ transaction: (any Transaction)?) async throws
    -> [PackageNeed]
}

/// What is known of an instance that may be gone.
struct KnownInstance: Sendable, Equatable {
  var name: String
  var server: UUID
  var isRemoved: Bool
}

/// The secrets of an instance as the database keeps them.
struct SealedSecrets: Sendable {
  var databasePassword: Data
  var masterPassword: Data
}

extension MasterKey {
  /// `secrets` of the instance `id`, sealed for their places.
  func seal(_ secrets: InstanceSecrets, of id: UUID) throws -> SealedSecrets {
    SealedSecrets(
      databasePassword: try seal(secrets.databasePassword, in: .databasePassword, of: id),
      masterPassword: try seal(secrets.masterPassword, in: .masterPassword, of: id))
  }

  /// The secrets of the instance `id`, opened.
  func open(_ sealed: SealedSecrets, of id: UUID) throws -> InstanceSecrets {
    InstanceSecrets(
      databasePassword: try open(sealed.databasePassword, in: .databasePassword, of: id),
      masterPassword: try open(sealed.masterPassword, in: .masterPassword, of: id))
  }
}
