"""The mail of an instance: what is hostile in it stays in its frame, and is loaded from nowhere."""

import re

import pytest
from playwright.sync_api import expect

from conftest import PHONE
from test_everybody import assert_accessible


@pytest.fixture(scope="module")
def posting(browser, stage):
    """An instance that has sent mail, some of it hostile."""
    from conftest import Visits

    visits = Visits(browser, stage)
    visits.create("posting")
    for context in visits.contexts:
        context.close()
    return "/instances/posting"


@pytest.fixture
def watched(visits):
    """A window, and the addresses elsewhere that anything in it has really asked for."""
    # What the policy keeps from being asked for is told on the browser's console, and as a request that never left.
    visits.heard = visits.asked = lambda _: None
    page = visits.window()
    page.on("dialog", lambda dialog: visits.faults.append(f"dialog: {dialog.message}"))
    reached = []

    def keep_out(route):
        reached.append(route.request.url)
        route.abort()

    page.context.route(re.compile("example\\.org"), keep_out)
    return page, reached


def test_a_hostile_message_can_neither_run_nor_load_nor_lead_away(watched, posting):
    page, reached = watched
    page.goto(posting)
    page.get_by_role("link", name="Mail", exact=True).click()
    page.get_by_role("link", name="<script>alert('subject')</script>").click()
    expect(page.get_by_role("heading", name="<script>alert('subject')</script>")).to_be_visible()
    frame = page.frame_locator("iframe.mail-body")
    styled = frame.get_by_text("your order is on its way.")
    expect(styled).to_be_visible()
    expect(styled).to_have_css("color", "rgb(122, 31, 92)")
    expect(frame.get_by_text("Anna")).to_have_css("font-style", "italic")
    title = page.title()
    frame.get_by_role("link", name="or here").click()
    frame.get_by_role("button", name="Sign in").click()
    expect(styled).to_be_visible()
    # Last, since the frame then shows that it may not go there.
    frame.get_by_role("link", name="there", exact=True).click()
    expect(page.get_by_role("heading", name="Links in it")).to_be_visible()
    assert page.title() == title and page.title() != "taken"
    assert re.search(r"/mail/hostile$", page.url)
    assert reached == []


def test_a_body_that_is_opened_by_itself_has_no_script_and_no_session(watched, posting):
    page, reached = watched
    answer = page.goto(f"{posting}/mail/hostile/body")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    expect(page.get_by_text("your order is on its way.")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    assert page.title() != "taken"
    assert reached == []


def test_a_file_is_saved_under_a_name_that_is_harmless(watched, posting):
    page, _ = watched
    page.goto(f"{posting}/mail/hostile")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Set-Cookie")).click()
    assert "/" not in download.value.suggested_filename
    assert download.value.suggested_filename.startswith("Set-Cookie_")


def test_an_inbox_is_read_by_phone_and_cleared(visits, posting):
    visits.heard = visits.asked = lambda _: None
    page = visits.window(viewport=PHONE)
    for path in ["/mail", "/mail/hostile", "/mail/reset"]:
        page.goto(posting + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    visits.create("cleared")
    page.goto("/instances/cleared/mail")
    expect(page.get_by_role("row")).to_have_count(4)
    page.get_by_role("link", name="Clear").click()
    page.get_by_role("dialog").get_by_role("button", name="Clear").click()
    expect(page.get_by_role("heading", name="No mail yet")).to_be_visible()


@pytest.mark.parametrize("path", ["/mail", "/mail/hostile", "/mail/reset", "/mail/clear"])
def test_axe_finds_nothing_on_the_pages_of_mail(visits, posting, path):
    visits.heard = visits.asked = lambda _: None
    page = visits.window()
    page.goto(posting + path)
    assert_accessible(page)
