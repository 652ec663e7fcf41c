import Foundation
import Mustache

/// A page of the console: the values of one template.
protocol ConsolePage {
  /// The template's name, its path below `Templates/` without the ending.
  static var template: String { get }
}

/// The console's templates, parsed once.
///
/// Templates know `{{name}}` only, which escapes, so that nothing an instance, a log or a person says can become markup.
/// `asset:NAME` in a template becomes the address of that asset.
struct Templates: Sendable {
  private var library = MustacheLibrary()

  /// Reads every `.mustache` file below `directory`.
  ///
  /// - Parameter asset: the address of the asset with a name, nil where there is none.
  /// - Throws: `TemplateError` with the file's name where one cannot be read or parsed, names an asset that is not
  ///   there, or would put text on a page unescaped.
  init(directory: URL, asset: (String) -> String?) throws {
    MustacheContentTypes.register(EscapedText(), named: EscapedText.name)
    for name in try Self.names(in: directory) {
      let file = directory.appending(path: name + ".mustache")
      do {
        let text = try String(contentsOf: file, encoding: .utf8)
        try library.register(Self.prepared(text, asset: asset), named: name)
      } catch {
        throw TemplateError(file: file.path, reason: (error as? TemplateError)?.reason ?? "\(error)")
      }
    }
  }

  /// `page` inside `frame`, as HTML.
  func render<P: ConsolePage>(_ page: P, in frame: Frame) throws -> String {
    let values = viewValues(frame).merging(viewValues(page)) { _, page in page }
    guard let html = render(values, template: P.template) else {
      throw TemplateError(file: P.template, reason: "There is no such template.")
    }
    return html
  }

  /// The template `name` with `values`, nil where there is no such template.
  func render(_ values: Any, template name: String) -> String? {
    library.render(values, withTemplate: name)
  }

  private static func names(in directory: URL) throws -> [String] {
    guard let files = FileManager.default.enumerator(atPath: directory.path) else {
      throw TemplateError(file: directory.path, reason: "The folder cannot be read.")
    }
    return files.compactMap { $0 as? String }.filter { $0.hasSuffix(".mustache") }.map {
      String($0.dropLast(9))
    }
  }

  /// The text of a template without indentation, with addresses of assets, and with our own escaping switched on.
  private static func prepared(_ text: String, asset: (String) -> String?) throws -> String {
    if text.contains("{{{") || text.contains("{{&") {
      throw TemplateError(file: "", reason: "Unescaped text is not allowed: write {{name}}.")
    }
    let named = try text.replacing(/asset:([A-Za-z0-9_.\/-]+)/) { match in
      guard let address = asset(String(match.1)) else {
        throw TemplateError(file: "", reason: "There is no asset \(match.1).")
      }
      return address
    }
    return "{{% CONTENT_TYPE:\(EscapedText.name)}}" + named.replacing(/\n[ \t]+/, with: "\n")
  }
}

/// A template that cannot be used.
struct TemplateError: Error, CustomStringConvertible {
  var file: String
  var reason: String

  var description: String { "The template \(file) cannot be used: \(reason)" }
}
