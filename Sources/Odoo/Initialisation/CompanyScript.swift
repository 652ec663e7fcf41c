/// The Python script that gives a database's company its country, currency and language, and its administrator
/// language and time zone; for `odoo shell`, on standard input.
///
/// What Odoo's own database manager does on creation (`odoo/service/db.py`). Values reach the script as
/// literals of letters that their types allow, so nothing in them can become code.
struct CompanyScript {
  /// What the script prints when all of it is done and committed.
  static let successMarker = "odeum: company is set up"

  let language: LanguageCode
  let country: CountryCode?

  var text: String {
    """
    language = "\(language)"
    country_code = \(country.map { "\"\($0)\"" } ?? "None")

    admin = env.ref("base.user_admin")
    company = env.ref("base.main_company")
    values = {}
    if country_code:
        country = env["res.country"].search([("code", "=", country_code)], limit=1)
        if not country:
            raise SystemExit("odeum: Odoo has no country " + country_code)
        values["country_id"] = country.id
        if country.currency_id:
            values["currency_id"] = country.currency_id.id
        from pytz import country_timezones
        zones = country_timezones.get(country_code, [])
        if len(zones) == 1:
            admin.write({"tz": zones[0]})
    if values:
        company.write(values)
    if language not in [code for code, _ in env["res.lang"].get_installed()]:
        raise SystemExit("odeum: Odoo has not loaded the language " + language)
    admin.write({"lang": language})
    company.partner_id.write({"lang": language})
    env.cr.commit()
    print("\\n\(Self.successMarker)", flush=True)

    """
  }
}
