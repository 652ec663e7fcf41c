/// The Python script that gives a database's company its country and currency, and its administrator a time
/// zone where the country has only one; for `odoo shell`, on standard input.
///
/// What Odoo's own database manager does on creation (`odoo/service/db.py`). The language needs no script:
/// the one that `base` is installed with becomes that of company and users. The country reaches the script as
/// a literal of the two letters that its type allows, so nothing in it can become code.
struct CompanyScript {
  /// What the script prints when all of it is done and committed.
  static let successMarker = "odeum: company is set up"

  let country: CountryCode

  var text: String {
    """
    from pytz import country_timezones

    code = "\(country)"
    country = env["res.country"].search([("code", "=", code)], limit=1)
    if not country:
        raise SystemExit("odeum: Odoo has no country " + code)
    values = {"country_id": country.id}
    if country.currency_id:
        values["currency_id"] = country.currency_id.id
    env.ref("base.main_company").write(values)
    zones = country_timezones.get(code, [])
    if len(zones) == 1:
        env.ref("base.user_admin").write({"tz": zones[0]})
    env.cr.commit()
    print("\\n\(Self.successMarker)", flush=True)

    """
  }
}
