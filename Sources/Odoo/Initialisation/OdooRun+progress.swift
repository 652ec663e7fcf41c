import Foundation

extension OdooRun {
  /// How far a run is, as a line of its log tells: `… odoo.modules.loading: Loading module sale (12/45)`, nil where
  /// it does not. Source: `odoo/modules/loading.py` of 14.0 to 19.0.
  ///
  /// - Returns: the module at work, and which part of the modules is done, 0 to 1.
  public static func progress(in line: String) -> (module: String, fraction: Double)? {
    guard let start = line.range(of: "odoo.modules.loading: Loading module ") else { return nil }
    let words = line[start.upperBound...].split(separator: " ")
    guard words.count >= 2 else { return nil }
    let numbers = words[1].filter { $0.isNumber || $0 == "/" }.split(separator: "/").compactMap { Double($0) }
    guard numbers.count == 2, numbers[1] > 0 else { return nil }
    return (String(words[0]), min(1, (numbers[0] - 1) / numbers[1]))
  }
}
