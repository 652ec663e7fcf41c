import Client
import Foundation
import Hosting
import Hummingbird

/// The audit log as a file, newest first, read and sent a page at a time.
struct AuditExport {
  /// How it is written.
  enum Format: String, CaseIterable {
    /// One JSON document a line.
    case json
    /// RFC 4180, for a spreadsheet.
    case csv

    var contentType: String {
      switch self {
      case .json: "application/x-ndjson"
      case .csv: "text/csv; charset=utf-8"
      }
    }
  }

  let format: Format
  let filter: AuditFilter
  let hosting: any AuditSource
  let actor: Actor

  /// The answer; whether it may be read is found out before it begins.
  func response() async throws -> Response {
    let first = try await page(nil)
    var headers: HTTPFields = [.contentType: format.contentType]
    headers[.contentDisposition] = "attachment; filename=\"audit.\(format == .csv ? "csv" : "ndjson")\""
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { writer in
        var page = first
        if format == .csv { try await writer.write(ByteBuffer(string: Self.head)) }
        while true {
          try await writer.write(ByteBuffer(string: try page.items.map(line).joined()))
          guard let cursor = page.nextCursor else { break }
          page = try await self.page(cursor)
        }
        try await writer.finish(nil)
      })
  }

  private func page(_ cursor: String?) async throws -> Page<AuditEntry> {
    try await hosting.audit(filter, page: PageRequest(limit: 200, cursor: cursor), by: actor)
  }

  private func line(_ entry: AuditEntry) throws -> String {
    switch format {
    case .json: String(decoding: try API.encoder().encode(API.AuditEntry(entry)), as: UTF8.self) + "\n"
    case .csv: Self.row(entry)
    }
  }

  static let head = "id,at,who,door,address,action,kind,subject,before,after\r\n"

  static func row(_ entry: AuditEntry) -> String {
    [
      String(entry.id), entry.at.formatted(.iso8601), entry.who, entry.door, entry.address ?? "",
      entry.action,
      entry.subject.kind, entry.subject.name, entry.before ?? "", entry.after ?? "",
    ].map(cell).joined(separator: ",") + "\r\n"
  }

  /// A text as a cell. One that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP's page on
  /// CSV injection has it.
  private static func cell(_ text: String) -> String {
    let harmless = text.first.map { "=+-@\t\r".contains($0) } == true ? "'" + text : text
    guard harmless.contains(where: { ",\"\r\n".contains($0) }) else { return harmless }
    return "\"" + harmless.replacing("\"", with: "\"\"") + "\""
  }
}

/// Where entries of the audit log come from.
protocol AuditSource: Sendable {
  func audit(_ filter: AuditFilter, page: PageRequest, by actor: Actor) async throws -> Page<AuditEntry>
}

extension Hosting: AuditSource {}
