import Foundation
import Synchronization

/// A folder that is removed when this process has ended, however it ends. Short, so that sockets fit in it.
public func temporaryFolder() throws -> String {
  let all = try folderOfThisProcess.get()
  let folder = "\(all)/\(folders.add(1, ordering: .relaxed).newValue)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  return folder
}

private let folders = Atomic(0)

private let folderOfThisProcess = Result {
  let folder = "/tmp/odeum-files-\(getpid())"
  try CleanUp.afterThisProcess(removing: folder)
  return folder
}
