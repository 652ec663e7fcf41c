from playwright.sync_api import expect

from conftest import stay, stayed


def begin(page, name):
    """Asks for an instance whose job takes its time."""
    page.goto("/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.locator("input[name=stage][value=dev]").check()
    page.get_by_role("button", name="Create instance").click()
    page.get_by_role("heading", name=f"{name} is being created").wait_for()


def test_a_job_is_looked_at_live_without_leaving_the_queue(page):
    begin(page, "watched-slow")
    page.goto("/instances/watched-slow/queue")
    stay(page)
    link = page.get_by_role("link", name="Log of Create")
    link.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Create watched-slow")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    lines = dialog.locator(".log-line")
    expect(dialog.locator(".step-done")).not_to_have_count(0)
    expect(lines.filter(has_text="done.")).not_to_have_count(0)
    # What is narrowed down stays so while the job goes on.
    dialog.get_by_label("Search in these lines").fill("begun")
    expect(lines.filter(has_text="done.")).to_have_count(0)
    # In a field for searching the browser takes the key to empty it.
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()

    # The head changed meanwhile; the focus goes to the like of the link from which it came.
    step = page.locator("#head-work")
    step.click()
    expect(lines).not_to_have_count(0)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(step).to_be_focused()
    expect(lines).to_have_count(0)

    # What it leads to is shown in its place, and so is its end.
    link.click()
    dialog.get_by_role("link", name="Cancel").click()
    question = page.get_by_role("dialog", name="Cancel: Create watched-slow")
    question.get_by_role("link", name="Let it go on").click()
    expect(question).to_be_hidden()
    expect(link).to_be_focused()
    expect(page.locator("#live")).to_have_attribute("data-state", "open")
    assert stayed(page)

    # As a page it is a link like any other.
    with page.context.expect_page() as opened:
        link.click(modifiers=["Control"])
    expect(opened.value.get_by_role("heading", name="Create watched-slow")).to_be_visible()
    expect(opened.value.get_by_role("button", name="Close")).to_be_hidden()
    link.click()
    dialog.get_by_role("link", name="Open as a page").click()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("button", name="Cancel this job").click()
    expect(page.locator("#job-head .state")).to_have_text("Cancelled")


def test_the_end_of_a_job_is_seen_in_the_dialog_and_the_page_stays_live(page, visits):
    visits.create("ends")
    page.goto("/instances/ends")
    stay(page)
    page.get_by_role("link", name="Job log").click()
    dialog = page.get_by_role("dialog", name="Create ends")
    expect(dialog.locator("#job-head .state")).to_have_text("Done")
    expect(dialog.locator("[data-log-count]")).to_contain_text("lines")
    page.keyboard.press("Escape")
    expect(page.locator("#live")).to_have_attribute("data-state", "open")
    assert stayed(page)


def test_without_scripts_the_log_is_a_page(visits):
    visits.create("plain")
    page = visits.window(java_script_enabled=False)
    page.goto("/instances/plain/queue")
    page.get_by_role("link", name="Log of Create").click()
    expect(page.get_by_role("heading", name="Create plain")).to_be_visible()
    expect(page.get_by_role("button", name="Close")).to_be_hidden()
    expect(page.locator(".log-line").first).to_be_visible()
