import Foundation
import Testing

@testable import Odoo

struct SupportTests {
  @Test(arguments: [
    (
      Month(2023, 10),
      [SupportState.supported, .supported, .supported, .unreleased, .unreleased, .unreleased]
    ),
    (Month(2023, 11), [.old, .supported, .supported, .supported, .unreleased, .unreleased]),
    (Month(2024, 11), [.old, .old, .supported, .supported, .supported, .unreleased]),
    (Month(2025, 9), [.old, .old, .old, .supported, .supported, .supported]),
    (Month(2025, 10), [.old, .old, .old, .supported, .supported, .supported]),
    (Month(2025, 11), [.phasedOut, .old, .old, .supported, .supported, .supported]),
    (Month(2026, 10), [.phasedOut, .old, .old, .supported, .supported, .supported]),
    (Month(2026, 11), [.phasedOut, .phasedOut, .old, .old, .supported, .supported]),
    (Month(2031, 1), [.phasedOut, .phasedOut, .phasedOut, .phasedOut, .phasedOut, .phasedOut]),
  ])
  func `a version is called supported when it is not, or the other way round`(
    month: Month, states: [SupportState]
  ) {
    #expect(OdooVersion.allCases.map { $0.support(in: month) } == states)
  }

  @Test func `the default is not the newest supported version`() {
    #expect(OdooVersion.defaultVersion(in: Month(2024, 9)) == .v17)
    #expect(OdooVersion.defaultVersion(in: Month(2025, 9)) == .v19)
    #expect(OdooVersion.defaultVersion(in: Month(2026, 11)) == .v19)
    #expect(OdooVersion.defaultVersion(in: Month(2035, 1)) == .v19)
    #expect(OdooVersion.defaultVersion(in: Month(2019, 1)) == .v14)
  }

  @Test func `an old version is offered without a warning`() {
    let now = Month(2026, 6)
    #expect(OdooVersion.v19.supportNotice(in: now) == nil)
    #expect(
      OdooVersion.v16.supportNotice(in: now)
        == "Odoo no longer supports 16.0: its support ended in November 2025. "
        + "Choose 19.0 for a new instance, and plan the upgrade of this one.")
    let phasedOut = OdooVersion.v14.supportNotice(in: now)
    #expect(phasedOut?.hasPrefix("Odoo 14.0 is phased out: it came out in October 2020") == true)
    #expect(OdooVersion.v19.supportNotice(in: Month(2025, 1))?.contains("planned for September 2025") == true)
  }

  @Test(
    arguments: [
      (0.0, Month(1970, 1)), (951_782_399, Month(2000, 2)), (951_868_800, Month(2000, 3)),
      (-1, Month(1969, 12)),
      (1_795_230_000, Month(2026, 11)), (4_107_542_399, Month(2100, 2)), (4_107_542_400, Month(2100, 3)),
    ] as [(Double, Month)])
  func `a moment falls into the wrong month`(seconds: Double, month: Month) {
    #expect(Month(Date(timeIntervalSince1970: seconds)) == month)
  }
}
