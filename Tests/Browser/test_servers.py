import re

from playwright.sync_api import expect

from conftest import stay, stayed


def test_a_stray_goes_by_its_name_and_from_every_page_that_shows_it(page, visits):
    other = visits.window()
    other.goto("/servers/local")
    stay(other)
    page.goto("/servers")
    row = page.get_by_role("row").filter(has_text="odeum-lost").filter(has_text="Container")
    expect(row).to_contain_text("was of lost")
    row.get_by_role("link", name="Remove").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Remove the container odeum-lost for good")
    dialog.get_by_role("textbox").fill("odeum-los")
    dialog.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_role("alert")).to_contain_text("nothing was removed")
    page.get_by_role("textbox").fill("odeum-lost")
    page.get_by_role("button", name="Remove for good").click()
    expect(page).to_have_url(re.compile("/servers$"))
    expect(page.locator(".note-good")).to_contain_text("The container odeum-lost is removed from local.")
    for window in (page, other):
        rows = window.locator("#strays").get_by_role("row")
        expect(rows.filter(has_text="Container")).to_have_count(0)
        expect(rows.filter(has_text="odeum-lost-data")).to_have_count(1)
    assert stayed(other)


def test_who_adds_a_server_with_a_password_sees_the_steps_of_its_validation_as_they_are_done(page, visits):
    page.goto("/servers/new")
    page.get_by_label("Name", exact=True).fill("added")
    page.get_by_label("Address", exact=True).fill("added.example.com")
    page.get_by_role("button", name="Next: its host key").click()
    page.get_by_label("The server itself says the same fingerprint").check()
    page.locator("input[name=password]").fill("secret word")
    page.get_by_role("button", name="Add server").click()
    expect(page).to_have_url(re.compile("/jobs/"))
    expect(page.locator(".step-running")).to_have_count(1)
    stay(page)
    for done in (1, 2, 3):
        # Asked for again, the played validation ends its step.
        answer = page.request.post("/servers/added/validate", headers={"Origin": visits.stage}, max_redirects=0)
        assert answer.status == 303, answer.text()
        expect(page.locator(".step-done")).to_have_count(done)
    expect(page.locator("#job-head .state")).to_have_text("Done")
    assert stayed(page)
    page.goto("/servers/added/remove")
    page.get_by_role("textbox").fill("added")
    page.get_by_role("main").get_by_role("button", name="Remove").click()
    expect(page).to_have_url(re.compile("/servers$"))
