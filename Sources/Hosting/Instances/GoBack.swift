import Jobs

/// Going back, where what was changed keeps an instance from coming up.
extension InstanceWork {
  /// Brings the instance up as it was before this operation: with the settings, the images and the code that were in effect.
  /// What was saved stays saved and waits for the next restart.
  ///
  /// Nothing is done where nothing was changed, since the same would happen again, nor where the instance is to be stopped or
  /// removed by now.
  func goBack() async throws {
    try await goBack(from: instance.settings, under: instance.circumstances)
  }

  /// As `goBack`, from a soft restart.
  func goBackSoftly() async throws {
    try await goBack(from: instance.settingsOfSoftRestart, under: instance.circumstancesInEffect)
  }

  private func goBack(from tried: InstanceSettings, under circumstances: Circumstances) async throws {
    let store = hosting.instanceStore
    guard isToRun, let settings = instance.appliedSettings,
      let parts = try await store.partsInEffect(on: instance.server.id, atOnce)[instance.id]
    else { return }
    let formerCircumstances = instance.circumstancesInEffect
    let noted = try await notedParts()
    guard settings != tried || formerCircumstances != circumstances || parts != noted else { return }
    log("It goes back to the settings, the images and the code that were in effect before.")
    let plan = try await plan(of: settings, under: formerCircumstances, from: parts)
    try await stopOdoo()
    try await stopDatabase()
    try await bringBackFiles(to: plan, from: tried)
    try await prepareStart(with: settings)
    try await runtime.startDatabase(plan)
    try await runtime.startMailCatcher(plan)
    try await runtime.startOdoo(plan)
    try await runtime.awaitAnswer(of: instance)
    try await removeFormerFiles(but: plan.filesVolume)
    // At the end: whoever takes this over in the middle must find that something was changed.
    try await run.guarded { transaction in
      if let images = parts.images { try await store.setImages(instance.id, images, transaction) }
      try await store.setCheckouts(instance.id, parts.checkouts, transaction)
    }
  }

  /// Says that the instance runs, where it does: because it went back, or because nothing was touched yet.
  func sayWhetherItRuns() async throws {
    guard isToRun, try await runtime.answers(instance) else { return }
    log("\(instance.name) answers at \(instance.url), as before.")
    try await run.guarded {
      try await hosting.instanceStore.setStatus(
        instance.id, .running, reason: "Answers, as before.", job: run.jobID, $0)
    }
  }

  /// Whether nobody wants it stopped or removed by now.
  private var isToRun: Bool { instance.desired == .running && instance.status != .removing }
}
