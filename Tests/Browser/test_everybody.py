"""What must hold for everybody: on a phone, by keyboard, with a screen reader, dark and light, and without scripts."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import screenshots
from conftest import PASSWORD, PHONE, WIDE
from pages import WAYS, every_template, templates_of, visit

# What somebody sees who is signed in: addresses, and names of ways in pages.py.
PAGES = [
    "/instances", "/instances?search=nothing-like-it", "/new", "/instances/house", "/instances/house/queue",
    "/instances/house/logs", "/instances/house/settings", "/instances/house/settings/postgresql",
    "/instances/house/settings/packages", "/instances/house/restart", "/instances/house/remove",
    "/instances/house-fails", "/jobs", "JOB", "/servers", "/servers/local", "/servers/new", "/servers/local/edit",
    "/", "/account", "/account/security", "/people", "/audit", "/organisations", "/organisations/acme",
    "/organisations/acme/remove", "/instances/house/mail", "/instances/house/mail/reset", "/instances/house/stop",
    "/api/v1/", "/nowhere", "JOB/cancel", "/account/leave", "created", "member", "invited", "token", "revoke",
    "server-key", "second-factor", "recovery-codes", "guarded",
]  # fmt: skip
# What anybody sees.
DOORSTEP = [
    "/sign-in", "/sign-in/link?token=enter", "/sign-in/link?token=choose", "/sign-in/link?token=none",
    "/sign-in/forgotten", "link-sent", "sign-in-code", "/invitation?token=new", "/invitation?token=known",
    "/invitation?token=copied", "/invitation?token=none", "/nowhere",
]  # fmt: skip


@pytest.fixture(scope="module")
def house(browser, stage):
    """Two instances to look at, one well and one not, and the address of a job."""
    from conftest import Visits

    visits = Visits(browser, stage)
    visits.create("house")
    visits.create("house-fails", until="Failed")
    page = visits.window()
    page.goto("/instances/house-fails")
    job = page.get_by_role("link", name="Job log").get_attribute("href")
    for context in visits.contexts:
        context.close()
    return job


@pytest.fixture(params=[(True, place) for place in PAGES] + [(False, place) for place in DOORSTEP], ids=lambda p: p[1])
def place(request):
    """Whether one is signed in, and where to go."""
    return request.param


def test_the_places_here_show_every_template(visits, house):
    shown = set()
    for is_signed_in, places in [(True, PAGES), (False, DOORSTEP)]:
        page = visits.window(signed_in=is_signed_in)
        for place in places:
            visit(page, place, house)
            shown |= templates_of(page.content())
    assert shown == every_template()


def test_every_template_has_a_picture(browser, stage, visits):
    job = screenshots.furnish(browser, stage)
    shown = set()
    for is_signed_in, places in [
        (False, screenshots.DOORSTEP.values()), (True, [*screenshots.PAGES.values(), *WAYS]),
    ]:  # fmt: skip
        page = visits.window(signed_in=is_signed_in)
        for place in places:
            visit(page, place, job)
            shown |= templates_of(page.content())
    assert shown == every_template()
    # What a message tries and is refused, the browser says aloud.
    visits.faults = []


def test_a_phone_scrolls_in_one_direction_only(visits, house, place):
    page = visits.window(viewport=PHONE, signed_in=place[0])
    visit(page, place[1], house)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for button in page.locator("main .button:visible, nav a:visible").all():
        box = button.bounding_box()
        assert box["height"] >= 32 and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"], button.inner_text()


def assert_accessible(page):
    """In both colourings, axe finds nothing to complain of."""
    for theme in ["light", "dark"]:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{theme}: {found.generate_report()}"


def test_axe_finds_nothing(visits, house, place):
    page = visits.window(signed_in=place[0])
    visit(page, place[1], house)
    assert_accessible(page)


def test_axe_finds_nothing_in_a_dialog_and_in_a_refused_form(visits, house):
    page = visits.window()
    page.goto("/instances/house")
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("dialog").wait_for()
    assert_accessible(page)
    page.goto("/instances/house-fails/queue")
    page.get_by_role("link", name="Log of Create").click()
    page.get_by_role("dialog", name="Create house-fails").wait_for()
    assert_accessible(page)
    page.goto("/new")
    page.get_by_label("Name", exact=True).fill("Not A Name")
    page.get_by_role("button", name="Create instance").click()
    page.get_by_role("alert").wait_for()
    assert_accessible(page)


def test_the_keyboard_reaches_everything_in_the_order_in_which_it_stands(page, house):
    page.goto("/instances/house")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    names = []
    for _ in range(13):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert names[0] == "Instances"
    assert [n for n in names if n in ("Overview", "Queue", "Logs", "Settings")] == [
        "Overview", "Queue", "Logs", "Settings",
    ]  # fmt: skip
    assert names.index("Restart") < names.index("Stop") < names.index("Remove") < names.index("Overview")


def test_a_dialog_is_opened_left_and_sent_by_keyboard(page, house):
    page.goto("/instances/house")
    restart = page.get_by_role("link", name="Restart", exact=True)
    restart.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Restart house")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("Soft")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_label("Hard")).to_be_checked()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(restart).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("link", name="Cancel").focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


def test_focus_stays_where_it_is_while_the_page_is_brought_up_to_date(page, visits):
    visits.create("focused")
    page.goto("/instances/focused")
    page.get_by_role("link", name="Restart", exact=True).focus()
    other = visits.window()
    other.goto("/instances/focused/stop")
    other.get_by_role("button", name="Stop").click()
    expect(page.locator("#head .state")).to_have_text("Stopped")
    assert page.evaluate("document.activeElement.id") == "restart"


def test_what_has_not_changed_is_left_alone(page, visits):
    visits.create("untouched")
    page.goto("/instances/untouched")
    expect(page.locator("#live")).to_have_attribute("data-state", "open")
    with page.expect_response("**/instances/untouched"):
        page.evaluate("document.querySelector('#restart').mark = 'the same'")
        page.evaluate("document.querySelector(\"[hx-trigger^='sse:']\").dispatchEvent(new Event('sse:change'))")
    page.wait_for_timeout(100)
    assert page.evaluate("document.querySelector('#restart').mark") == "the same"


def test_colours_follow_the_choice_and_without_one_the_system(visits):
    page = visits.window(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    page.goto("/servers")
    dark = page.evaluate(ground)
    page.get_by_role("button", name="Light").click()
    expect(page).to_have_url(re.compile("/servers$"))
    expect(page.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(ground) != dark
    page.get_by_role("button", name="As the system").click()
    expect(page.get_by_role("button", name="As the system")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(ground) == dark


def test_without_scripts_everything_but_the_live_parts_works(visits, house):
    page = visits.window(signed_in=False, java_script_enabled=False)
    page.goto("/instances")
    page.get_by_label("E-mail address").fill("owner@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="New instance").click()
    page.get_by_label("Name", exact=True).fill("No Script")
    page.get_by_role("button", name="Create instance").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("scriptless")
    page.locator("input[name=stage][value=staging]").check()
    page.get_by_role("button", name="Create instance").click()
    expect(page.get_by_role("textbox", name="Password")).to_have_value("tR7vKmQzHk4NwPy2GxJc")
    expect(page.get_by_role("button", name="Copy the password")).to_be_hidden()

    page.goto("/instances?search=scriptl")
    page.get_by_label("Stage").select_option("staging")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("row").filter(has_text="scriptless")).to_have_count(1)

    page.goto("/instances/house/logs")
    expect(page.locator(".log-line").first).to_be_visible()
    expect(page.get_by_role("button", name="Clear")).to_be_hidden()
    page.get_by_label("Source").select_option("database")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("source=database"))

    page.goto("/instances/house")
    page.get_by_role("link", name="Restart", exact=True).click()
    expect(page.get_by_role("heading", name="Restart house")).to_be_visible()
    page.get_by_role("button", name="Restart").click()
    expect(page.locator("#head .note")).to_contain_text("house is being restarted.")

    page.goto("/account")
    page.get_by_label("Name").fill("scripts")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_label("Secret of the token")).to_have_value(re.compile("^odeum_"))
    page.get_by_role("link", name="Revoke scripts").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.locator(".note-good")).to_contain_text("is revoked")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in"))


def test_without_scripts_settings_are_saved_after_a_preview_and_the_instance_is_removed(visits):
    visits.create("scripts-off")
    page = visits.window(java_script_enabled=False)
    page.goto("/instances/scripts-off/settings")
    page.get_by_label("Workers").fill("3")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Saving changes 1 setting.")
    expect(page.get_by_label("Workers")).to_have_value("3")
    page.goto("/instances/scripts-off/settings")
    expect(page.get_by_label("Workers")).not_to_have_value("3")
    page.get_by_label("Workers").fill("3")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Save Odoo settings").click()
    expect(page.locator(".note-good")).to_contain_text("Settings saved.")
    expect(page.get_by_label("Workers")).to_have_value("3")
    expect(page.locator("#head .note-warn")).to_contain_text("hard restart")

    page.get_by_role("link", name="Remove").click()
    confirm = page.get_by_label("Type scripts-off or DELETE")
    confirm.fill("delete")
    page.get_by_role("button", name="Remove for good").click()
    expect(page.locator("#field-confirm-error")).to_contain_text("nothing was removed")
    confirm.fill("DELETE")
    page.get_by_role("button", name="Remove for good").click()
    expect(page.locator(".note").first).to_contain_text("scripts-off is being removed.")
    follower = visits.window()
    follower.goto("/instances")
    expect(follower.get_by_role("row").filter(has_text="scripts-off")).to_have_count(0)


def test_without_scripts_somebody_is_invited(visits):
    page = visits.window(java_script_enabled=False)
    page.goto("/people")
    page.get_by_label("E-mail address").fill("scriptless@example.org")
    page.get_by_role("radio", name="Tester").check()
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_label("Link of the invitation")).to_have_value(re.compile("/invitation.token="))
    page.goto("/people")
    row = page.get_by_role("row").filter(has_text="scriptless@example.org")
    expect(row).to_contain_text("Tester")
    row.get_by_role("button", name="Withdraw").click()
    expect(page.locator(".note-good")).to_contain_text("The invitation is withdrawn.")
    expect(row).to_have_count(0)


# Each element of a page that has an animation or a transition, itself or in what its style draws around it.
MOVABLE = """() => {
  const moves = (style) => style.animationName !== "none" || !/^0s(, 0s)*$/.test(style.transitionDuration);
  return [...document.querySelectorAll("*")]
    .filter((element) => [null, "::before", "::after"].some((part) => moves(getComputedStyle(element, part))))
    .map((element) => element.outerHTML.slice(0, 100));
}"""
MOVING = "document.getAnimations().length"


def movable_parts(page):
    """The same of what the browser itself draws into elements, such as the bar of a progress, which no script sees."""
    session = page.context.new_cdp_session(page)
    for domain in ["DOM", "CSS"]:
        session.send(f"{domain}.enable")
    movable = []
    for node in session.send("DOM.getFlattenedDocument", {"depth": -1, "pierce": True})["nodes"]:
        if "pseudo" not in node.get("attributes", []):
            continue
        style = session.send("CSS.getComputedStyleForNode", {"nodeId": node["nodeId"]})["computedStyle"]
        values = {entry["name"]: entry["value"] for entry in style}
        if values["animation-name"] != "none" or set(values["transition-duration"].split(", ")) != {"0s"}:
            movable.append(node["attributes"])
    session.detach()
    return movable


def test_nothing_moves_for_who_wants_no_motion(visits):
    visits.create("restless-slow", until="Creating")
    page = visits.window(reduced_motion="reduce")
    page.goto("/instances/restless-slow/queue")
    job = page.get_by_role("link", name="Log of Create").get_attribute("href")
    for place in ["/", "/instances/restless-slow", job]:
        page.goto(place)
        expect(page.locator(".is-busy").first).to_be_attached()
        assert page.evaluate(MOVING) == 0, place
        assert page.evaluate(MOVABLE) + movable_parts(page) == [], place
        page.emulate_media(reduced_motion="no-preference")
        assert page.evaluate(MOVING) > 0, place
        assert page.evaluate(MOVABLE) != [], place
        page.emulate_media(reduced_motion="reduce")


def test_a_token_is_made_copied_and_revoked(page):
    page.goto("/account")
    page.get_by_label("Name").fill("laptop")
    page.get_by_label("Ends").select_option("365")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_label("Secret of the token")).to_have_value(re.compile("^odeum_"))
    page.reload()
    expect(page.get_by_role("row").filter(has_text="laptop")).to_have_count(1)
    page.get_by_role("link", name="Revoke laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.locator(".note-good")).to_contain_text("laptop")
    expect(page.get_by_role("row").filter(has_text="laptop")).to_have_count(0)


@pytest.mark.parametrize("size", [WIDE, {"width": 768, "height": 1024}, {"width": 2560, "height": 1300}])
def test_no_width_breaks_a_page(visits, house, size):
    for is_signed_in, places in [(True, PAGES), (False, DOORSTEP)]:
        page = visits.window(viewport=size, signed_in=is_signed_in)
        for place in places:
            visit(page, place, house)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], place
