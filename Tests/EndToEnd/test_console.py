"""A person's way through the console with nothing but a browser: two factors, an Odoo of his own, and its end."""

import os
import re

import pytest
from playwright.sync_api import expect, sync_playwright

from . import engine
from .visitor import one_time_code
from .waiting import until

pytestmark = pytest.mark.slow

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PASSWORD = "a long enough password"
NAME = "by-hand"


@pytest.fixture(scope="module")
def page(plane):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(base_url=plane.url, viewport={"width": 1280, "height": 800})
        context.set_default_timeout(30_000)
        page = context.new_page()
        yield page
        browser.close()


def stay(page):
    page.evaluate("window.stayedHere = true")


def stayed(page):
    return page.evaluate("window.stayedHere === true")


def test_a_person_signs_in_with_a_password_and_a_code(plane, page):
    page.goto(plane.admin("link").stdout.strip())
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()
    page.goto("/account/security")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    secret = page.locator(".secret-text").inner_text()
    page.get_by_label("Code").fill(one_time_code(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.goto("/account")
    email = page.locator(".person-text strong").inner_text()
    page.get_by_role("button", name="Sign out").click()

    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    # The code of the first time is spent; the next one is taken a little early.
    page.get_by_label("Code").fill(one_time_code(secret, ahead=1))
    page.get_by_role("button", name="Sign in").click()
    page.goto("/")
    expect(page.get_by_role("heading", name="Your first Odoo is a minute away")).to_be_visible()


def test_an_instance_is_made_and_seen_to_run_without_a_reload(plane, page):
    page.goto("/new")
    page.get_by_label("Name", exact=True).fill(NAME)
    page.locator("input[name=stage][value=dev]").check()
    page.get_by_role("button", name="Create instance").click()
    expect(page.get_by_role("textbox", name="Password")).not_to_have_value("")
    page.get_by_role("link", name=f"Go to {NAME}").click()
    stay(page)
    expect(page.locator("#head .state")).to_have_text("Creating")
    expect(page.locator("#head .state")).to_have_text("Running", timeout=600_000)
    assert stayed(page)
    with page.context.expect_page() as odoo:
        page.get_by_role("link", name="Open").click()
    expect(odoo.value).to_have_url(re.compile("/web/login"))
    odoo.value.close()


def test_its_log_is_followed(plane, page):
    page.goto(f"/instances/{NAME}/logs")
    expect(page.locator("#live")).to_have_attribute("data-state", "open")
    lines = page.locator(".log-line", has_text="/web/login?seen=by-hand")
    expect(lines).to_have_count(0)
    url = plane.api.instance(NAME)["url"]
    page.context.request.get(f"{url}/web/login?seen=by-hand")
    expect(lines.first).to_be_visible()


def test_settings_arrive_in_odoo_and_in_postgresql(plane, page):
    page.goto(f"/instances/{NAME}/settings")
    page.get_by_label("Processor time of a request").fill("77")
    page.get_by_label("Log level").select_option("debug")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("77 s")
    expect(page.locator("#preview")).to_contain_text("soft restart")
    page.get_by_role("button", name="Save Odoo settings").click()
    page.get_by_role("navigation", name="Parts of the settings").get_by_role("link", name="PostgreSQL").click()
    page.get_by_label("Lines for postgresql.conf").fill("work_mem = 7MB")
    page.get_by_label("Extensions").fill("unaccent")
    page.get_by_role("button", name="Save PostgreSQL settings").click()
    page.get_by_role("link", name="Restart…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Hard")).to_be_checked()
    dialog.get_by_role("button", name="Restart").click()
    stay(page)
    expect(page.locator("#head .state")).to_have_text("Running", timeout=300_000)
    expect(page.locator("#head .note-warn")).to_have_count(0)
    assert "limit_time_cpu = 77" in engine.run_in(f"odeum-{NAME}", "cat", "/etc/odoo/odoo.conf")
    words = ["psql", "-U", "postgres", "-d", NAME, "-Atc"]
    assert engine.run_in(f"odeum-{NAME}-db", *words, "show work_mem").strip() == "7MB"
    found = engine.run_in(f"odeum-{NAME}-db", *words, "select extname from pg_extension where extname = 'unaccent'")
    assert found.strip() == "unaccent"
    # And Odoo as it runs: it says more now.
    page.goto(f"/instances/{NAME}/logs")
    expect(page.locator("#live")).to_have_attribute("data-state", "open")
    page.context.request.get(f"{plane.api.instance(NAME)['url']}/web/login?seen=with-settings")
    expect(page.locator(".log-line", has_text=re.compile(r"DEBUG .*odoo")).first).to_be_visible()


def test_a_package_that_does_not_exist_is_named_and_odoo_goes_on(plane, page):
    page.goto(f"/instances/{NAME}/settings/packages")
    page.get_by_label("Debian packages for Odoo").fill("no-such-package-anywhere")
    page.get_by_role("button", name="Save Packages settings").click()
    before = engine.run_in(f"odeum-{NAME}", "cat", "/proc/1/stat").split()[21]
    page.get_by_role("link", name="Restart…").click()
    page.get_by_role("dialog").get_by_role("button", name="Restart").click()
    job = until("the restart has failed", lambda: _last_job(plane, "failed"), 300)
    assert "no-such-package-anywhere" in job["reason"], job["reason"]
    assert engine.run_in(f"odeum-{NAME}", "cat", "/proc/1/stat").split()[21] == before
    page.goto(f"/instances/{NAME}/settings/packages")
    page.get_by_label("Debian packages for Odoo").fill("")
    page.get_by_role("button", name="Save Packages settings").click()


def _last_job(plane, state):
    job = plane.api.ask("GET", "/jobs", params={"limit": 1})["items"][0]
    return job if job["state"] == state else None


def test_it_is_removed_by_typing_its_end(plane, page):
    page.goto(f"/instances/{NAME}")
    page.get_by_role("link", name="Remove").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("DELETE")
    dialog.get_by_role("button", name="Remove for good").click()
    expect(page).to_have_url(re.compile("/instances$"), timeout=120_000)
    expect(page.locator(".note-good")).to_contain_text(f"{NAME} is removed.")
    assert not [name for name in engine.names({"odeum.slug": NAME})]
