import Foundation
import Testing

@testable import Web

/// Every page, filled with a busy day's values and with hostile ones.
@Suite struct ConsolePagesTests {
  static let templates = Result { try templatesBesideProgram() }

  private static func templatesBesideProgram() throws -> Templates {
    let assets = try Assets(directory: ConsoleFiles.besideProgram.assets)
    return try Templates(directory: ConsoleFiles.besideProgram.templates) { assets.address($0) }
  }

  private static func sources() throws -> [String: String] {
    let folder = ConsoleFiles.besideProgram.templates
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".mustache")
    }
    return try Dictionary(
      uniqueKeysWithValues: names.map {
        ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
      })
  }

  @Test func `no template can put text on a page unescaped`() throws {
    for (name, text) in try Self.sources() {
      #expect(!text.contains("{{{") && !text.contains("{{&"), "\(name)")
      // Another content type would have another idea of escaping.
      #expect(!text.contains("{{%"), "\(name)")
    }
  }

  @Test func `a template that does not escape is refused when it is loaded`() throws {
    for text in ["<p>{{{name}}}</p>", "<p>{{&name}}</p>", "<p>{{& name}}</p>"] {
      let folder = FileManager.default.temporaryDirectory.appending(path: "templates-\(UUID())")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      try text.write(to: folder.appending(path: "page.mustache"), atomically: true, encoding: .utf8)
      #expect(throws: TemplateError.self) { try Templates(directory: folder) { _ in nil } }
    }
  }

  @Test func `no page has a script, a style or a handler in it, nor an address elsewhere`() throws {
    for (name, text) in try Self.sources() {
      #expect(text.firstMatch(of: /<script(?![^>]*\bsrc="asset:)/) == nil, "\(name)")
      #expect(text.firstMatch(of: /<style|\sstyle=|\son[a-z]+=|hx-on|javascript:/) == nil, "\(name)")
      #expect(text.firstMatch(of: /(src|href)="(https?:)?\/\//) == nil, "\(name)")
      // Outside of quotes, escaped text could still begin a new attribute.
      #expect(text.firstMatch(of: /=\{\{/) == nil, "\(name)")
    }
  }

  @Test func `every name in a template is one that a page has`() throws {
    var known: Set<String> = ["."]
    func collect(_ value: Any) {
      if let list = value as? [Any] { for item in list { collect(item) } }
      guard let values = value as? [String: Any] else { return }
      for (name, inner) in values {
        known.insert(name)
        collect(inner)
      }
    }
    for sample in Sample.all { collect(sample.values) }
    for (file, text) in try Self.sources() {
      for match in text.matches(of: /\{\{[#^]?\s*([a-zA-Z.]+)\s*\}\}/) {
        let isKnown = match.1.split(separator: ".").allSatisfy { known.contains(String($0)) }
        #expect(isKnown, "{{\(match.1)}} in \(file)")
      }
    }
  }

  @Test(arguments: Sample.all.map(\.name))
  func `a page is whole, and its ids are unique`(name: String) throws {
    let sample = try #require(Sample.all.first { $0.name == name })
    let html = try sample.html(Self.templates.get(), .dark)
    #expect(html.hasPrefix("<!doctype html>") && html.contains("</html>"))
    #expect(!html.contains("{{"))
    #expect(html.contains("<title>") && html.contains("data-theme=\"dark\""))
    let ids = html.matches(of: /\sid="([^"]*)"/).map { String($0.1) }
    #expect(
      Set(ids).count == ids.count,
      "\(Dictionary(grouping: ids, by: \.self).filter { $0.value.count > 1 }.keys)")
    let labelled = html.matches(of: /\sfor="([^"]*)"/).map { String($0.1) }
    #expect(Set(labelled).isSubset(of: ids))
    if let folder = ProcessInfo.processInfo.environment["WEB_PREVIEW"] {
      try html.write(toFile: "\(folder)/\(name).html", atomically: true, encoding: .utf8)
    }
  }

  // A combining mark makes one character of the quotation mark and itself, and a zero-width joiner does so with “<”.
  static let hostile = [
    #""><script>alert(1)</script>"#, "' onmouseover='alert(1)", "\"\u{301} hx-get=\"/x", "<\u{200D}script>",
    "&lt;b&gt;",
    "{{name}}", "</textarea><script>alert(1)</script>", "\u{0}<b>",
  ]

  @Test(arguments: Sample.all.map(\.name))
  func `hostile text anywhere on a page stays text`(name: String) throws {
    let sample = try #require(Sample.all.first { $0.name == name })
    let templates = try Self.templates.get()
    for text in Self.hostile {
      let html = templates.render(Self.replaced(sample.values, by: "MARK" + text), template: sample.template)
      let escaped = "MARK" + EscapedText().escapeText(text)
      let bytes = Array(try #require(html).utf8)
      let places = bytes.places(of: Array("MARK".utf8))
      // A page all of whose texts are hostile has some.
      #expect(!places.isEmpty)
      let wanted = Array(escaped.utf8)
      #expect(places.allSatisfy { bytes[$0...].starts(with: wanted) }, "\(name): \(text)")
      for byte in EscapedText().escapeText(text).utf8 {
        #expect(!Array("<>\"'".utf8).contains(byte))
      }
    }
  }

  private static func replaced(_ value: Any, by text: String) -> Any {
    switch value {
    case is String: text
    case let list as [Any]: list.map { replaced($0, by: text) }
    case let values as [String: Any]: values.mapValues { replaced($0, by: text) }
    default: value
    }
  }

  @Test func `an absent value is not looked for in what is around it`() throws {
    let page = InstancesPage(
      create: Sample.create, rows: [Sample.row("shop", "dev", "running", "Running", ago: 1)])
    let values = viewValues(page).merging(["reason": "of something else"]) { _, new in new }
    let frame = viewValues(Frame("x", path: "/x"))
    let html = try Self.templates.get().render(frame.merging(values) { _, new in new }, template: "instances")
    #expect(html?.contains("of something else") == false)
  }
}

extension Array<UInt8> {
  fileprivate func places(of needle: [UInt8]) -> [Int] {
    indices.filter { self[$0] == needle[0] && self[$0...].starts(with: needle) }
  }
}
