import Foundation
import Odoo

/// The folder for the files of one instance in one that its server offers.
///
/// A file in it says whose it is, as labels do elsewhere: a folder without it is not ours and is never touched.
struct FilestoreFolder: Sendable, Equatable {
  let offered: HostFolder
  let installation: UUID
  let instance: UUID

  /// Its name in the offered folder.
  var name: String { "odeum-\(instance.uuidString.lowercased())" }
  var path: String { "\(offered)/\(name)" }
  /// What the volume is bound to.
  var device: String { "\(path)/files" }

  /// What its mark says.
  var mark: String {
    "\(Label.installation)=\(installation.uuidString)\n\(Label.instance)=\(instance.uuidString)"
  }

  init(in offered: HostFolder, installation: UUID, instance: UUID) {
    self.offered = offered
    self.installation = installation
    self.instance = instance
  }

  /// The one that a volume of the instance is bound to; nil where `device` is no folder that we make.
  init?(device: String, installation: UUID, instance: UUID) {
    let parts = device.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count > 3 else { return nil }
    self.init(
      in: HostFolder(text: parts.dropLast(2).joined(separator: "/")), installation: installation,
      instance: instance)
    guard self.device == device else { return nil }
  }
}

extension Instance {
  /// The volume that has its files with `settings`: attachments foremost, and what else is in Odoo's data folder. It is
  /// another one for each folder of the server, so that both are there while files are moved.
  func filesVolume(with settings: InstanceSettings) -> String {
    guard let offered = settings.externalFilestore else { return parts.files }
    return "\(parts.files)-\(DockerRuntime.mark(of: [offered.text]).prefix(8))"
  }
}
