import re

from playwright.sync_api import expect

from conftest import HELD_TIMERS, WAITS, stay, stayed


def test_a_refused_form_leads_to_its_fields_and_keeps_what_was_typed(page):
    page.goto("/new")
    page.get_by_label("Name", exact=True).fill("My Shop!")
    page.get_by_label("Modules").fill("crm")
    page.get_by_text("Advanced: custom modules").click()
    page.get_by_label("Lines for odoo.conf").fill("[options]\nworkers = 4")
    page.get_by_role("button", name="Create instance").click()
    problem = page.get_by_role("alert")
    expect(problem).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("My Shop!")
    expect(page.get_by_label("Modules")).to_have_value("crm")
    conf = page.get_by_label("Lines for odoo.conf")
    expect(conf).to_be_visible()
    expect(conf).to_have_value("[options]\nworkers = 4")
    problem.get_by_role("link", name="Name").click()
    name = page.get_by_label("Name", exact=True)
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-describedby", re.compile("field-name-error"))
    expect(page.locator("#field-name-error")).to_be_visible()


def test_creating_shows_the_password_once_and_its_steps_as_they_are_done(page):
    page.goto("/new")
    page.get_by_label("Name", exact=True).fill("fresh")
    page.locator("input[name=stage][value=dev]").check()
    page.get_by_role("button", name="Create instance").click()
    expect(page.get_by_role("heading", name="fresh is being created")).to_be_visible()
    expect(page.get_by_role("textbox", name="Password")).to_have_value("tR7vKmQzHk4NwPy2GxJc")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the password").click()
    page.wait_for_function("async () => await navigator.clipboard.readText() === 'tR7vKmQzHk4NwPy2GxJc'")
    stay(page)
    expect(page.locator("#job-steps .state")).to_have_text("Done")
    expect(page.locator(".step-done")).to_have_count(7)
    expect(page.get_by_role("heading", name="fresh is ready")).to_be_visible()
    expect(page).to_have_title("fresh is ready · Odeum")
    expect(page.get_by_role("textbox", name="Password")).to_have_value("tR7vKmQzHk4NwPy2GxJc")
    assert stayed(page)
    page.get_by_role("link", name="Go to fresh").click()
    expect(page.locator("#head .state")).to_have_text("Running")
    expect(page.locator("body")).not_to_contain_text("tR7vKmQzHk4NwPy2GxJc")


def test_a_double_click_creates_once(page, visits):
    page.goto("/new")
    page.get_by_label("Name", exact=True).fill("clicked-twice")
    page.locator("input[name=stage][value=dev]").check()
    page.get_by_role("button", name="Create instance").dblclick()
    expect(page.get_by_role("textbox", name="Password")).to_have_value("tR7vKmQzHk4NwPy2GxJc")
    page.goto("/jobs")
    expect(page.get_by_role("row").filter(has_text="clicked-twice")).to_have_count(1)


def test_the_list_follows_what_others_do(page, visits):
    page.goto("/instances")
    stay(page)
    visits.create("from-elsewhere")
    row = page.get_by_role("row").filter(has_text="from-elsewhere")
    expect(row.locator(".state")).to_have_text("Running")
    other = visits.window()
    other.goto("/instances/from-elsewhere/remove")
    other.get_by_label("Type from-elsewhere or DELETE").fill("from-elsewhere")
    other.get_by_role("button", name="Remove for good").click()
    expect(row).to_have_count(0)
    assert stayed(page)
    # Who still looks at it is brought to the list, which says why.
    expect(other).to_have_url(re.compile("/instances$"))
    expect(other.locator(".note-good")).to_contain_text("from-elsewhere is removed.")


def test_the_list_is_narrowed_down_while_one_types(page, visits):
    visits.create("needle")
    visits.create("haystack")
    page.goto("/instances")
    search = page.get_by_role("searchbox", name="Search by name")
    search.press_sequentially("need")
    expect(page.get_by_role("row").filter(has_text="haystack")).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text="needle")).to_have_count(1)
    expect(search).to_be_focused()
    expect(page).to_have_url(re.compile("search=need"))
    page.reload()
    expect(search).to_have_value("need")
    expect(page.get_by_role("row").filter(has_text="haystack")).to_have_count(0)


def test_an_instance_is_stopped_started_and_restarted_without_loading_its_page(page, visits):
    visits.create("acted-on")
    page.goto("/instances/acted-on")
    page.get_by_role("link", name="Stop").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Database, files and settings are kept")
    dialog.get_by_role("button", name="Stop").click()
    expect(page.locator(".note")).to_contain_text("acted-on is being stopped.")
    stay(page)
    state = page.locator("#head .state")
    expect(state).to_have_text("Stopped")
    expect(page.locator("#announce")).to_contain_text("acted-on is stopped")
    expect(page.locator(".note")).to_contain_text("acted-on is stopped.")
    assert stayed(page)
    expect(page.get_by_role("button", name="Open")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(state).to_have_text("Running")
    page.get_by_role("link", name="Restart").click()
    dialog.get_by_label("Hard").check()
    dialog.get_by_role("button", name="Restart").click()
    expect(page.locator(".note-good")).to_contain_text("acted-on is restarted.")
    expect(state).to_have_text("Running")
    page.get_by_role("navigation", name="Parts of acted-on").get_by_role("link", name="Queue").click()
    expect(page.get_by_role("row").filter(has_text="Restart (hard)")).to_have_count(1)


def test_a_page_that_showed_the_database_goes_on_and_one_that_cannot_says_so(page, visits):
    visits.create("shown")
    page.goto("/instances/shown")
    page.get_by_role("button", name="Show how to reach the database").click()
    expect(page.locator("body")).to_contain_text("played secret")
    stay(page)
    other = visits.window()
    other.goto("/instances/shown/stop")
    other.get_by_role("button", name="Stop").click()
    expect(page.locator("#head .state")).to_have_text("Stopped")
    expect(page.locator("body")).to_contain_text("played secret")
    assert stayed(page)
    live = page.locator("#live")
    expect(live).to_have_attribute("data-state", "open")
    page.route("**/instances/shown*", lambda route: route.fulfill(status=418, body="broken"))
    page.evaluate("document.querySelector(\"[hx-trigger^='sse:']\").dispatchEvent(new Event('sse:change'))")
    expect(live).to_have_attribute("data-state", "lost")
    page.unroute("**/instances/shown*")
    # It asks again by itself.
    expect(live).to_have_attribute("data-state", "open")
    page.reload()
    expect(page).to_have_url(re.compile("/instances/shown"))
    visits.faults = [fault for fault in visits.faults if "418" not in fault]


# Counts what could not be fetched.
COUNTED = """
  window.failed = 0;
  addEventListener("htmx:responseError", () => { failed += 1; });
"""


def test_what_cannot_be_fetched_is_waited_for_once_and_ever_longer(page, visits):
    visits.create("unreachable")
    page.add_init_script(HELD_TIMERS + COUNTED)
    page.goto("/instances/unreachable")
    live = page.locator("#live")
    expect(live).to_have_attribute("data-state", "open")
    change = "document.querySelector(\"[hx-trigger^='sse:']\").dispatchEvent(new Event('sse:change'))"

    def is_out_of_reach():
        page.route("**/instances/unreachable*", lambda route: route.fulfill(status=418, body="broken"))

    def fails(cause):
        before = page.evaluate("failed")
        page.evaluate(cause)
        page.wait_for_function("before => failed > before", arg=before)

    is_out_of_reach()
    for _ in range(3):
        fails(change)
        assert page.evaluate(WAITS) == [5]
    for seconds in [10, 20, 40, 60, 60]:
        fails("letGo()")
        assert page.evaluate(WAITS) == [seconds]

    # What comes through, for whatever reason it was asked for, ends the waiting, and the next begins anew.
    page.unroute("**/instances/unreachable*")
    page.evaluate(change)
    expect(live).to_have_attribute("data-state", "open")
    assert page.evaluate(WAITS) == []
    is_out_of_reach()
    fails(change)
    assert page.evaluate(WAITS) == [5]
    page.unroute("**/instances/unreachable*")
    visits.faults = [fault for fault in visits.faults if "418" not in fault]


def test_production_is_not_removed_and_says_why(page, visits):
    visits.create("earns-money", stage="production")
    page.goto("/instances/earns-money")
    remove = page.get_by_role("button", name="Remove")
    expect(remove).to_have_attribute("aria-disabled", "true")
    remove.focus()
    expect(page.get_by_role("tooltip").filter(has_text="in production")).to_be_visible()
    remove.click(force=True)
    expect(page).to_have_url(re.compile("/instances/earns-money$"))


def test_a_failure_says_why_on_every_page_and_runs_nothing(page, visits):
    visits.create("this-fails", until="Failed")
    page.goto("/instances/this-fails")
    expect(page.locator("#head")).to_contain_text("<script>alert('reason')</script>")
    page.get_by_role("link", name="Job log").click()
    expect(page.locator("#job-head .note-bad")).to_contain_text("<script>alert('reason')</script>")
    expect(page.locator(".step-failed")).to_contain_text("Start Odoo")
    expect(page.locator(".log-error")).to_have_count(1)


def test_settings_are_saved_and_say_which_restart_they_wait_for(page, visits):
    visits.create("tuned")
    page.goto("/instances/tuned/settings")
    page.get_by_label("Workers").fill("3")
    page.get_by_label("Lines for odoo.conf").fill("limit_time_real = 1200\nserver_wide_modules = base,web,queue_job")
    page.get_by_role("button", name="Save Odoo settings").click()
    expect(page.locator(".note-good")).to_contain_text("Settings saved.")
    expect(page.get_by_label("Workers")).to_have_value("3")
    expect(page.locator("#head .note-warn")).to_contain_text("hard restart")
    page.get_by_label("Memory limit").first.fill("1")
    page.get_by_role("button", name="Save Odoo settings").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Memory limit").first).to_have_value("1")


def test_what_is_typed_into_settings_outlives_what_happens_meanwhile(page, visits):
    visits.create("typed-into")
    page.goto("/instances/typed-into/settings")
    page.get_by_label("Database filter").fill("^half typ")
    stay(page)
    other = visits.window()
    other.goto("/instances/typed-into/restart")
    other.get_by_role("button", name="Restart").click()
    expect(page.locator("#announce")).to_contain_text("typed-into is restarting")
    expect(page.locator("#head .state")).to_have_text("Running")
    expect(page.get_by_label("Database filter")).to_have_value("^half typ")
    assert stayed(page)


def test_a_job_is_followed_and_called_off(page, visits):
    page.goto("/new")
    page.get_by_label("Name", exact=True).fill("called-off-slow")
    page.locator("input[name=stage][value=dev]").check()
    page.get_by_role("button", name="Create instance").click()
    page.get_by_role("link", name="Full log").click()
    stay(page)
    expect(page.locator(".log-line").filter(has_text="Check the server: begun.")).to_have_count(1)
    assert stayed(page)
    late = page.context.new_page()
    late.goto(page.url + "/cancel")
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel this job").click()
    expect(page.locator("#job-head .state")).to_have_text("Cancelled")
    # Who comes too late is told so where the job is.
    late.get_by_role("button", name="Cancel this job").click()
    expect(late.locator(".note-bad").first).to_contain_text("ended already")


def test_custom_modules_come_from_as_many_repositories_as_there_are_rows(page, visits):
    visits.create("extended")
    page.goto("/instances/extended/settings")
    page.get_by_role("group", name="Source 1").get_by_label("Repository").fill("https://github.com/OCA/web.git")
    page.get_by_role("button", name="Another repository").click()
    second = page.get_by_role("group", name="Source 2")
    expect(second.get_by_label("Repository")).to_be_focused()
    second.get_by_label("Repository").fill("git@git.example.com:acme/shop.git")
    second.get_by_label("Branch").fill("19.0")
    page.get_by_role("button", name="Save Odoo settings").click()
    expect(page.locator(".note-good")).to_contain_text("Settings saved.")
    expect(second.get_by_label("Branch")).to_have_value("19.0")
    expect(page.get_by_role("group", name="Source 3").get_by_label("Repository")).to_have_value("")
    second.get_by_label("Repository").fill("ext::sh -c id")
    page.get_by_role("button", name="Save Odoo settings").click()
    expect(page.get_by_role("alert")).to_contain_text("Source 2:")
    expect(second.get_by_label("Repository")).to_have_value("ext::sh -c id")


def test_a_preview_says_what_would_change_and_saving_does_it(page, visits):
    visits.create("previewed")
    page.goto("/instances/previewed/settings")
    page.get_by_role("navigation", name="Parts of the settings").get_by_role("link", name="Packages").click()
    page.get_by_label("Debian packages for Odoo").fill("libcups2-dev\nlibpq-dev")
    page.get_by_role("button", name="Preview").click()
    preview = page.locator("#preview")
    expect(preview).to_be_focused()
    expect(preview).to_contain_text("Saving changes 1 setting.")
    expect(preview).to_contain_text("libcups2-dev, libpq-dev")
    expect(preview).to_contain_text("an image with the packages is built first")
    expect(page.get_by_label("Debian packages for Odoo")).to_have_value("libcups2-dev\nlibpq-dev")
    page.reload()
    page.get_by_role("button", name="Save Packages settings").click()
    expect(page.locator(".note-good")).to_contain_text("They take effect with a hard restart.")
    expect(page.locator("#head .note-warn")).to_contain_text("hard restart")
    page.get_by_label("Python packages").fill("--index-url=http://x")
    page.get_by_role("button", name="Save Packages settings").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be the name of a Python package")


def test_the_dashboard_counts_and_follows_what_happens(page, visits):
    page.goto("/")
    stay(page)
    visits.create("on-the-dashboard-fails", until="Failed")
    attention = page.get_by_role("region", name="Needs attention")
    expect(attention.get_by_role("link", name="on-the-dashboard-fails")).to_be_visible()
    jobs = page.get_by_role("region", name="Last jobs")
    expect(jobs.get_by_role("row").filter(has_text="on-the-dashboard-fails").locator(".state")).to_have_text("Failed")
    assert stayed(page)
    page.get_by_role("link", name=re.compile("failed")).first.click()
    expect(page).to_have_url(re.compile(r"/instances\?status=failed"))
    expect(page.get_by_role("row").filter(has_text="on-the-dashboard-fails")).to_have_count(1)
