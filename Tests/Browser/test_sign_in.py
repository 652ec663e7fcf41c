import re

from playwright.sync_api import expect

from conftest import PASSWORD


def test_a_link_lets_its_person_choose_a_password_once(visits):
    page = visits.window(signed_in=False)
    for _ in range(2):  # looking does not use it up
        page.goto("/sign-in/link?token=choose")
        expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    page.get_by_label("New password").fill("short")
    page.get_by_label("The same again").fill("short")
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("at least 8 characters")
    expect(page.get_by_label("New password")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("New password").fill("long enough for anybody")
    page.get_by_label("The same again").fill("long enough for anybody")
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page).to_have_url(re.compile("/instances$"))
    page.goto("/sign-in/link?token=choose")
    expect(page.get_by_role("heading", name="This link is over")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Have a new one sent")


def test_a_wrong_password_is_told_and_a_right_one_leads_on(visits):
    page = visits.window(signed_in=False)
    page.goto("/account")
    expect(page).to_have_url(re.compile(r"/sign-in\?back="))
    page.get_by_label("E-mail address").fill("owner@example.org")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("The address or the password is not right.")
    expect(problem).to_be_focused()
    expect(page.get_by_label("E-mail address")).to_have_value("owner@example.org")
    expect(page.get_by_label("Password")).to_have_value("")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Account")).to_be_visible()


def test_who_signs_out_is_out_everywhere(visits):
    page = visits.window()
    page.goto("/account")
    other = page.context.new_page()
    other.goto("/instances")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    # The other window learns of it with the next thing that happens, and does not turn into a half page.
    visits.create("seen-by-nobody", until="Running")
    expect(other).to_have_url(re.compile("/sign-in"))
    expect(other.get_by_role("heading", name="Sign in")).to_have_count(1)
