import re

from playwright.sync_api import expect

from conftest import HELD_TIMERS, WAITS, stay, stayed


def test_a_log_streams_is_narrowed_down_and_cleared(page, visits):
    visits.create("talks")
    page.goto("/instances/talks/logs")
    stay(page)
    lines = page.locator(".log-line")
    expect(lines.filter(has_text="streamed line 2")).to_have_count(1)
    # What a log says stays text.
    expect(lines.filter(has_text='<script>alert("log")</script>')).to_have_count(1)
    expect(page.locator("[data-log-count]")).to_contain_text("lines")
    expect(page.locator("[data-log-updated]")).to_contain_text("Updated")

    stream = page.get_by_role("button", name="Stream")
    stream.click()
    expect(stream).to_have_attribute("aria-pressed", "false")
    before = lines.count()
    expect(page.locator("[data-log-count]")).to_contain_text("new ones wait")
    assert lines.count() == before
    stream.click()
    expect(page.locator("[data-log-count]")).not_to_contain_text("new ones wait")

    page.get_by_label("Level").select_option("warning")
    expect(lines.filter(has_text="line 10").first).to_be_visible()
    expect(lines.filter(has_text="line 11").first).to_be_hidden()
    page.get_by_label("Level").select_option("debug")

    page.get_by_label("Search in these lines").fill("LINE 33")
    expect(page.locator("[data-log-count]")).to_contain_text("1 with “LINE 33”")
    expect(page.locator(".log mark").first).to_have_text(re.compile("line 33", re.I))
    page.get_by_label("Search in these lines").fill("")

    stream.click()
    page.get_by_role("button", name="Clear").click()
    expect(lines).to_have_count(0)
    expect(page.locator("[data-log-empty]")).to_be_visible()
    assert stayed(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "talks-odoo.txt"


def test_a_hundred_thousand_lines_are_all_there_and_the_page_holds_a_window_of_them(page, visits):
    visits.create("flood")
    page.goto("/instances/flood/logs?lines=100000")
    box = page.locator("[data-log-lines]")
    count = page.locator("[data-log-count]")
    lines = page.locator(".log-line")
    expect(lines.filter(has_text="streamed line 1").first).to_be_attached()
    expect(count).to_contain_text("100,000 lines")
    assert lines.count() <= 3250
    # It stands at its end, and goes on standing there.
    assert box.evaluate("b => b.scrollHeight - b.scrollTop - b.clientHeight < 24")
    page.get_by_role("button", name="Stream").click()
    page.get_by_label("Search in these lines").fill("request 54321")
    expect(count).to_contain_text("1 with")
    expect(lines).to_have_count(1)
    page.get_by_label("Search in these lines").fill("")
    page.get_by_label("Level").select_option("error")
    expect(count).to_contain_text("of this level")
    expect(page.locator(".log-info")).to_have_count(0)
    page.get_by_label("Level").select_option("debug")

    box.focus()
    page.keyboard.press("Home")
    first = int(lines.first.inner_text().rsplit(" ", 1)[1])
    expect(lines.first).to_be_in_viewport()
    expect(page.get_by_role("button", name="Newest")).to_be_visible()
    # Scrolling on takes the window along, through every line.
    last = "Number([...document.querySelectorAll('.log-line')].at(-1).textContent.split(' ').at(-1))"
    seen = page.evaluate(last)
    while seen < first + 6000:
        box.evaluate("b => { b.scrollTop = b.scrollHeight }")
        page.wait_for_function(f"n => {last} > n", arg=seen)
        seen = page.evaluate(last)
        assert lines.count() <= 3250
    page.wait_for_function("n => Number(document.querySelector('.log-line').textContent.split(' ').at(-1)) > n", arg=first)
    text = box.evaluate("b => [...b.querySelectorAll('.log-line')].map(l => Number(l.textContent.split(' ').at(-1)))")
    assert text == list(range(text[0], text[0] + len(text)))
    page.keyboard.press("End")
    expect(lines.last).to_be_in_viewport()
    expect(page.get_by_role("button", name="Newest")).to_be_hidden()

    # Who reads while the oldest lines go has his line where it was, also when those of the window itself go.
    stream = page.get_by_role("button", name="Stream")
    stream.click()
    expect(count).not_to_contain_text("new ones wait")
    stream.click()
    box.press("Home")
    oldest = lines.first.inner_text()
    box.evaluate("b => { b.scrollTop = 6000 }")
    read = """b => {
      const line = [...b.querySelectorAll(".log-line")].find((line) => line.offsetTop >= b.scrollTop);
      return [line.textContent, line.offsetTop - b.scrollTop];
    }"""
    line = box.evaluate(read)
    stream.click()
    expect(lines.first).not_to_have_text(oldest)
    stream.click()
    assert box.evaluate(read) == line
    text = box.evaluate("b => [...b.querySelectorAll('.log-line')].map(l => Number(l.textContent.split(' ').at(-1)))")
    assert text == list(range(text[0], text[0] + len(text)))
    # The same with some of the lines only.
    page.get_by_label("Search in these lines").fill("request 20")
    expect(count).to_contain_text("with “request 20”")
    box.press("Home")
    oldest = lines.first.inner_text()
    stream.click()
    expect(lines.first).not_to_have_text(oldest)
    expect(lines.locator("mark").first).to_have_text("request 20")


def test_who_reads_further_up_is_not_pulled_down(page, visits):
    visits.create("read-slowly")
    page.goto("/instances/read-slowly/logs")
    box = page.locator("[data-log-lines]")
    expect(page.locator(".log-line").filter(has_text="streamed line 1").first).to_be_attached()
    box.evaluate("b => { b.scrollTop = 0 }")
    expect(page.get_by_role("button", name="Newest")).to_be_visible()
    before = page.locator(".log-line").count()
    page.wait_for_function("n => document.querySelectorAll('.log-line').length > n", arg=before)
    assert box.evaluate("b => b.scrollTop") == 0


def test_a_log_is_loaded_again_as_often_as_is_chosen(page, visits):
    visits.create("refreshed")
    page.add_init_script(HELD_TIMERS)
    page.goto("/instances/refreshed/logs?source=database")
    choice = page.get_by_label("Refresh by itself")
    expect(choice).to_have_value("0")
    assert page.evaluate(WAITS) == []
    for seconds in [15, 5]:
        choice.select_option(str(seconds))
        assert page.evaluate(WAITS) == [seconds]
        assert page.url.endswith(f"?source=database&auto={seconds}")
    stay(page)
    with page.expect_event("load"):
        page.evaluate("letGo()")
    assert not stayed(page)
    # The page that was loaded again goes on with it, and with the same log.
    expect(choice).to_have_value("5")
    expect(page.get_by_label("Source")).to_have_value("database")
    assert page.evaluate(WAITS) == [5]
    choice.select_option("0")
    assert page.evaluate(WAITS) == []
    assert page.url.endswith("?source=database")
    # Somebody's own address chooses nothing that is not there to choose.
    page.goto("/instances/refreshed/logs?auto=7")
    expect(page.locator("[data-log-count]")).to_contain_text("lines")
    expect(choice).to_have_value("0")
    assert page.evaluate(WAITS) == []
