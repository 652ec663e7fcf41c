/// The check of a `dbfilter`, a regular expression that Odoo holds against the beginning of database names,
/// `%d` in it standing for the first label of the host name and `%h` for all of it (`odoo/http.py`).
enum DatabaseFilter {
  /// What is wrong with a filter, as the end of a sentence, or nil.
  ///
  /// A filter that Python cannot compile would fail every request; one that lets the instance's own database
  /// through nowhere would leave it without a page. Python's own dialect is not at hand, so only what no
  /// dialect compiles is found, and the match is tried only where it does not depend on the host.
  static func fault(in filter: String, for database: DatabaseName?) -> String? {
    if filter.utf8.count > maximumLength { return "is longer than \(maximumLength) characters" }
    guard let expression = try? Regex(filter) else { return "is no regular expression" }
    guard let database, !filter.contains("%d"), !filter.contains("%h"), isQuick(filter) else { return nil }
    let match = try? expression.prefixMatch(in: database.text)
    return match == nil ? "does not match the instance's database \(database)" : nil
  }

  /// The longest filter in bytes; longer ones are no filter any more, and could nest without end.
  static let maximumLength = 255

  /// Whether matching takes no long time whatever the name: a repeated group, or many repetitions, can make
  /// it try more ways than there is time for. Such a filter is taken as it is.
  private static func isQuick(_ filter: String) -> Bool {
    let repetitions = filter.filter { "*+{".contains($0) }.count
    return repetitions <= 3 && ![")*", ")+", "){"].contains(where: filter.contains)
  }
}
