import Docker
import Foundation
import Odoo
import Remote

/// The files of instances: making a place for them, moving them from one to another, and taking a place away.
extension DockerRuntime {
  // MARK: - A place

  /// Makes the volume for the files of `plan` unless it is there, and the folder that it is bound to.
  func ensureFiles(_ plan: InstancePlan) async throws {
    let labels = labels(plan.instance, operation: plan.operation)
    guard let offered = plan.instance.settings.externalFilestore else {
      return try await ensureVolume(plan.filesVolume, labels: labels)
    }
    let folder = FilestoreFolder(in: offered, installation: installation, instance: plan.instance.id)
    if try await engine.volume(plan.filesVolume) == nil {
      try await help(
        Self.makingFolder, [Word(folder.name), Word(folder.mark)],
        .init(
          name: plan.names.copier, image: plan.images.database, labels: labels,
          mounts: [Mount(.bind(offered.text), at: "/base")]),
        saying: "\(folder.path) on \(server.name) could not be made for the files of \(plan.instance.name)")
    }
    try await ensureVolume(plan.filesVolume, labels: labels, boundTo: folder.device)
  }

  /// It comes into being with its mark in it. Only root enters it: what is in it is seen through the volume.
  private static let makingFolder: Word = """
    folder=/base/$0
    if [ -e "$folder" ]; then
      [ "$(cat "$folder/.odeum")" = "$1" ] && exit 0
      echo "there is a folder already that does not belong to this instance"
      exit 1
    fi
    rm -rf "$folder.new"
    mkdir -m 0700 "$folder.new"
    mkdir "$folder.new/files"
    printf '%s\\n' "$1" > "$folder.new/.odeum"
    mv -T "$folder.new" "$folder"
    """

  /// Removes a volume, and where it is bound to a folder that we made, that folder, with everything in it.
  func removeVolume(_ volume: Volume) async throws {
    if let device = volume.device, let id = volume.labels[Label.instance].flatMap({ UUID(uuidString: $0) }),
      let folder = FilestoreFolder(device: device, installation: installation, instance: id)
    {
      // The instance's own image may be gone with it.
      let image = try await fetchImage(
        configuration.databaseImage.replacing("{major}", with: String(OdooVersion.v19.defaultPostgres))
      ) { _, _ in }
      try await help(
        Self.removingFolder, [Word(folder.name), Word(folder.mark)],
        .init(
          name: "\(volume.name)-removal", image: image, labels: volume.labels,
          mounts: [Mount(.bind(folder.offered.text), at: "/base")]),
        saying: "\(folder.path) on \(server.name) could not be removed",
        mend: "Look at \(folder.offered) there. Where it is gone for good: docker volume rm \(volume.name)")
    }
    try await engine.removeVolume(volume.name)
  }

  /// The mark goes last, so that a removal that was cut off is still known as ours.
  private static let removingFolder: Word = """
    folder=/base/$0
    [ -e "$folder" ] || exit 0
    if [ "$(cat "$folder/.odeum")" != "$1" ]; then
      echo "it does not belong to this instance"
      exit 1
    fi
    find "$folder" -mindepth 1 -maxdepth 1 ! -name .odeum -exec rm -rf -- {} +
    rm -rf "$folder"
    """

  /// The names of the volumes that hold files of `instance`: one, or two while they are moved.
  func filesVolumes(of instance: Instance) async throws -> [Volume] {
    let own = [
      Label.installation: installation.uuidString, Label.instance: instance.id.uuidString,
    ]
    return try await engine.volumes(labels: own).filter { $0.name != instance.parts.cluster }
  }

  // MARK: - Moving

  /// How much the files in the volume `volume` take, and how much is free in `offered`, in KB.
  func room(for volume: String, in offered: HostFolder, _ plan: InstancePlan) async throws -> (
    needed: Int, free: Int
  ) {
    let said = try await help(
      "du -sk /from | cut -f 1; df -Pk /base | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4", [],
      .init(
        name: plan.names.copier, image: plan.images.database,
        labels: labels(plan.instance, operation: plan.operation),
        mounts: [
          Mount(.volume(volume), at: "/from", readOnly: true), Mount(.bind(offered.text), at: "/base"),
        ]),
      saying:
        "It could not be found out whether \(offered) on \(server.name) has room for the files of \(plan.instance.name)"
    )
    let numbers = said.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    guard numbers.count == 2 else {
      throw HostingError(.internal, "\(server.name) described the room in \(offered) as “\(said)”.")
    }
    return (numbers[0], numbers[1])
  }

  /// Fills the volume of `plan` with the files in the volume `source`, which stays as it is. Odoo must not run.
  ///
  /// - Throws: `HostingError` where they are not there as a whole then.
  func copyFiles(from source: String, _ plan: InstancePlan) async throws {
    precondition(source != plan.filesVolume, "files would be deleted before they are copied")
    try await ensureFiles(plan)
    try await helpWithFiles(
      """
      find /to -mindepth 1 -delete
      cp -a --reflink=auto /from/. /to/
      list() { (cd "$1" && find . ! -type d -printf '%p %s %l\\n' | LC_ALL=C sort | sha256sum); }
      if [ "$(list /from)" != "$(list /to)" ]; then
        echo "what was copied is not what is there"
        exit 1
      fi
      sync --file-system /to
      """, from: source, to: plan.filesVolume, plan,
      saying: "The files of \(plan.instance.name) could not be copied on \(server.name)")
  }

  /// Adds to the files in the volume of `plan` what Odoo has made since in the volume `source`: attachments, which never
  /// change, since each has the name of its content.
  func bringBackFiles(from source: String, _ plan: InstancePlan) async throws {
    precondition(source != plan.filesVolume, "files would be copied onto themselves")
    try await helpWithFiles(
      """
      cd /from
      [ -d filestore ] || exit 0
      find filestore -type f -exec sh -euc '
        for file do
          [ ! -e "/to/$file" ] || continue
          folder=${file%/*}
          [ -d "/to/$folder" ] || { mkdir -p "/to/$folder"; chown --reference="$folder" "/to/$folder"; }
          cp -a "$file" /to/.odeum-part
          mv /to/.odeum-part "/to/$file"
        done' sh {} +
      sync --file-system /to
      """, from: source, to: plan.filesVolume, plan,
      saying: "What \(plan.instance.name) has stored meanwhile could not be brought back on \(server.name)")
  }

  private func helpWithFiles(
    _ script: Word, from source: String, to target: String, _ plan: InstancePlan, saying failure: String
  ) async throws {
    try await help(
      script, [],
      .init(
        name: plan.names.copier, image: plan.images.database,
        labels: labels(plan.instance, operation: plan.operation),
        mounts: [Mount(.volume(source), at: "/from", readOnly: true), Mount(.volume(target), at: "/to")]),
      saying: failure)
  }
}
