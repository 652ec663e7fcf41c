/// How Odoo stands behind a version at a given time.
public enum SupportState: Hashable, Sendable {
  /// Not released yet at that time.
  case unreleased
  /// One of the three newest major versions, and its end of support is not past.
  case supported
  /// Out of support, less than five years old.
  case old
  /// More than five years after its release.
  case phasedOut
}

extension OdooVersion {
  /// How many of the newest major versions are supported (Odoo documentation, "Supported versions").
  public static let supportedMajors = 3

  /// After how many years a version is phased out (Odoo.sh FAQ).
  public static let phaseOutYears = 5

  /// The month of the release.
  ///
  /// Source: odoo/documentation `content/administration/supported_versions.rst` up to 18.0; 19.0 by its tags.
  public var released: Month {
    switch self {
    case .v14: Month(2020, 10)
    case .v15: Month(2021, 10)
    case .v16: Month(2022, 10)
    case .v17: Month(2023, 11)
    case .v18: Month(2024, 10)
    case .v19: Month(2025, 9)
    }
  }

  /// The last month of support, as published or planned; for 19.0 three years after its release.
  ///
  /// Source: the same page.
  public var supportEnds: Month {
    switch self {
    case .v14: Month(2023, 11)
    case .v15: Month(2024, 11)
    case .v16: Month(2025, 11)
    case .v17: Month(2026, 10)
    case .v18: Month(2027, 10)
    case .v19: Month(2028, 9)
    }
  }

  /// How this version stands in a month: the three newest released ones are supported until their end of
  /// support, older ones are old, and five years after the release a version is phased out.
  public func support(in month: Month) -> SupportState {
    if month < released { return .unreleased }
    if month > released.adding(years: Self.phaseOutYears) { return .phasedOut }
    let newest = Self.allCases.filter { $0.released <= month }.suffix(Self.supportedMajors)
    return newest.contains(self) && month <= supportEnds ? .supported : .old
  }

  /// What a person who chooses this version should know, or nil where there is nothing to say.
  public func supportNotice(in month: Month) -> String? {
    let advice = "Choose \(Self.latest(in: month)) for a new instance, and plan the upgrade of this one."
    switch support(in: month) {
    case .supported:
      return nil
    case .unreleased:
      return "Odoo \(self) is planned for \(released) and may still change."
    case .old:
      return "Odoo no longer supports \(self): its support ended in \(supportEnds). \(advice)"
    case .phasedOut:
      return
        "Odoo \(self) is phased out: it came out in \(released), more than \(Self.phaseOutYears) years ago, "
        + "and gets no corrections any more, of security neither. \(advice)"
    }
  }

  /// The newest version released by that month; the oldest known one where none was.
  public static func latest(in month: Month) -> OdooVersion {
    allCases.last { $0.released <= month } ?? .v14
  }

  /// The version of a new instance when none is asked for: the newest one that is supported in that month,
  /// and the newest one known where this build is too old to know a supported one.
  public static func defaultVersion(in month: Month) -> OdooVersion {
    allCases.last { $0.support(in: month) == .supported } ?? latest(in: month)
  }
}
