/// How a session is written into its file.
public enum SessionFormat: String, Hashable, Sendable {
  /// Python's pickle: never to be read outside the instance itself.
  case pickle
  /// A JSON object.
  case json
}

/// Where session files lie below `<data_dir>/sessions`.
public enum SessionLayout: Hashable, Sendable {
  /// `werkzeug_<sid>.sess`, all in one folder.
  case flat
  /// `<first two characters of the sid>/<sid>`.
  case sharded
}

extension OdooVersion {
  /// The format of a session file (`odoo/tools/_vendor/sessions.py`).
  public var sessionFormat: SessionFormat {
    self >= .v18 ? .json : .pickle
  }

  /// The place of a session file.
  public var sessionLayout: SessionLayout {
    self >= .v16 ? .sharded : .flat
  }

  /// How long a session id is: 40 hexadecimal digits, from 18.0 on 84 characters of base64url.
  public var sessionIdLength: Int {
    self >= .v18 ? 84 : 40
  }

  /// The session's file relative to `data_dir`, or nil for text that is no session id of this version.
  public func sessionFile(_ sid: String) -> String? {
    guard sid.utf8.count == sessionIdLength, sid.utf8.allSatisfy(isSessionIdByte) else { return nil }
    switch sessionLayout {
    case .flat: return "sessions/werkzeug_\(sid).sess"
    case .sharded: return "sessions/\(sid.prefix(2))/\(sid)"
    }
  }

  /// Whether the session id may be given in the address (`?session_id=`); from 17.0 only the cookie counts.
  public var acceptsSessionIdInQuery: Bool { self <= .v16 }

  private func isSessionIdByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
    case UInt8(ascii: "g")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"),
      UInt8(ascii: "_"):
      self >= .v18
    default: false
    }
  }
}
