/// A language as Odoo names it: `de_DE`, `kab_DZ`, `es_419`, `sr@latin`, `sw`.
public struct LanguageCode: Hashable, Sendable, CustomStringConvertible {
  /// What every database has from the start.
  public static let english = LanguageCode(checked: "en_US")

  /// The checked text.
  public let text: String

  /// Checks a code.
  /// - Throws: `InputProblem`, with the codes of the same language where it is one that Odoo has.
  public init(_ text: String, field: String = "language") throws(InputProblem) {
    guard Self.known.contains(text) else {
      let stem = text.prefix { $0.isLetter }.lowercased()
      let near = Self.all.filter { $0.prefix { $0 != "_" && $0 != "@" } == stem }
      throw InputProblem(
        field: field, message: "Odoo has no language \(quoted(text)).",
        suggestion: near.isEmpty
          ? "Write it as Odoo does, for example fr_FR, pt_BR or sr@latin."
          : "Did you mean \(near.joined(separator: ", "))?")
    }
    self.text = text
  }

  private init(checked text: String) { self.text = text }

  /// The text itself.
  public var description: String { text }

  /// Every code, sorted: those that 14.0 and 19.0 ship in `base/data/res.lang.csv`.
  public static let all: [String] = [
    "am_ET", "ar_001", "ar_SY", "az_AZ", "be_BY", "bg_BG", "bn_IN", "bs_BA", "ca_ES", "cs_CZ", "da_DK",
    "de_CH",
    "de_DE", "el_GR", "en_AU", "en_CA", "en_GB", "en_IN", "en_NZ", "en_US", "es_419", "es_AR", "es_BO",
    "es_CL",
    "es_CO", "es_CR", "es_DO", "es_EC", "es_ES", "es_GT", "es_MX", "es_PA", "es_PE", "es_PY", "es_UY",
    "es_VE",
    "et_EE", "eu_ES", "fa_IR", "fi_FI", "fr_BE", "fr_CA", "fr_CH", "fr_FR", "gl_ES", "gu_IN", "he_IL",
    "hi_IN",
    "hr_HR", "hu_HU", "id_ID", "it_IT", "ja_JP", "ka_GE", "kab_DZ", "km_KH", "ko_KP", "ko_KR", "lb_LU",
    "lo_LA",
    "lt_LT", "lv_LV", "mk_MK", "ml_IN", "mn_MN", "ms_MY", "my_MM", "nb_NO", "nl_BE", "nl_NL", "pl_PL",
    "pt_AO",
    "pt_BR", "pt_PT", "ro_RO", "ru_RU", "sk_SK", "sl_SI", "sq_AL", "sr@Cyrl", "sr@latin", "sr_RS", "sv_SE",
    "sw",
    "te_IN", "th_TH", "tl_PH", "tr_TR", "uk_UA", "vi_VN", "zh_CN", "zh_HK", "zh_TW",
  ]

  /// Whether a version ships the language. Known for 14.0 and 19.0; in between, what either has counts.
  public func exists(in version: OdooVersion) -> Bool {
    switch version {
    case .v14: !Self.sinceLater.contains(text)
    case .v15, .v16, .v17, .v18: true
    case .v19: text != "sr_RS"
    }
  }

  /// What is wrong with the language for a version, or nil.
  public func problem(in version: OdooVersion, field: String = "language") -> InputProblem? {
    guard !exists(in: version) else { return nil }
    return InputProblem(
      field: field, message: "Odoo \(version) does not have the language \(text).",
      suggestion: "Choose another language, or another version.")
  }

  private static let known = Set(all)

  private static let sinceLater: Set = [
    "az_AZ", "be_BY", "en_NZ", "es_419", "ml_IN", "ms_MY", "sr@Cyrl", "sw",
  ]
}

extension LanguageCode: Codable {
  /// Reads and checks a plain string.
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  /// Writes a plain string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
