"""The page of a log of a hundred thousand lines in a real browser, while a real Odoo goes on writing."""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from measure import processes
from measure.figures import Failed, Figure, Figures, median, note, percentile

if TYPE_CHECKING:
    from playwright.sync_api import Page

LINES = 100_000
# How far each frame scrolls, and how high a line is at least, in pixels: a faster hand than any, so that every seventh
# frame has further lines to draw and the 95th percentile is of those.
STEP = 1_500
LINE_HEIGHT = 20
# One line, a hundredth of them, every one.
TERMS = ("request 54321 ", "took 7 ms", "web_search_read")
TURNS = 8
# Writes to what Docker keeps as Odoo's log.
OUTPUT = "/proc/1/fd/2"
# Twenty lines a second until its input ends.
TALK = f"""
    while read -t 0.1; [ $? -gt 128 ]; do
      for _ in 1 2; do echo '2026-11-22 04:00:00,000 1 INFO bench odoo.addons.sale: one more'; done
    done >{OUTPUT}
"""
# The time between two frames is what a reader sees; the work of the main thread for one, from the handler of the scroll
# event until it was painted, tells beside it how much of that is the page's. A message comes after the painting.
SCROLL = """async ([step, most]) => {
  const box = document.querySelector("[data-log-lines]");
  const end = document.querySelector("[data-log-down]");
  const times = [], work = [], channel = new MessageChannel();
  let began = null, last = null;
  const begin = () => { began ??= performance.now() };
  addEventListener("scroll", begin, { capture: true });
  channel.port1.onmessage = () => { work.push(performance.now() - began); began = null };
  await new Promise((done) => requestAnimationFrame(function frame(now) {
    begin();
    if (last !== null) times.push(now - last);
    last = now;
    box.scrollTop += step;
    channel.port2.postMessage(null);
    // The button that leads to the end is hidden there.
    if (end.hidden || times.length === most) done();
    else requestAnimationFrame(frame);
  }));
  removeEventListener("scroll", begin, { capture: true });
  return { times, work, isAtEnd: end.hidden };
}"""
# From the last key until the page has painted a line with the whole term marked in it.
FIND = """(term) => {
  const field = document.querySelector("[data-log-search]");
  let typed = 0;
  const type = (event) => { typed = event.timeStamp };
  field.addEventListener("input", type);
  window.found = new Promise((done) => requestAnimationFrame(function look() {
    if (document.querySelector(".log mark")?.textContent !== term) return requestAnimationFrame(look);
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { field.removeEventListener("input", type); done(performance.now() - typed) };
    channel.port2.postMessage(null);
  }));
}"""


def measure(figures: Figures, page: "Page", instance: str) -> None:
    """The log of that running instance, which is on this machine."""
    note(f"console: a log of {LINES:,} lines")
    container = f"odeum-{instance}"
    processes.run(["docker", "exec", "--interactive", container, "sh", "-c", f"cat >{OUTPUT}"], input=_text())
    began = time.monotonic()
    page.goto(f"/instances/{instance}/logs?lines={LINES}")
    page.wait_for_function(
        "(words) => document.querySelector('[data-log-count]').textContent.startsWith(words)", arg=f"{LINES:,} lines",
        timeout=120_000,
    )  # fmt: skip
    seen = "from the visit until the page has them all, from Docker through odeumd"
    figures.add(Figure("console.log.load", time.monotonic() - began, "s", seen, at_most=5))
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable")
    # Now, since the text of what was shown once lies elsewhere in the browser.
    tools.send("HeapProfiler.collectGarbage")
    told = tools.send("Performance.getMetrics")["metrics"]
    heap = next(metric["value"] for metric in told if metric["name"] == "JSHeapUsedSize") / 1e6
    seen = f"what the page's scripts hold; {len(_text()) / 1e6:.0f} MB of it are the lines' text"
    figures.add(Figure("console.log.heap", heap, "MB", seen, at_most=50))
    with _talking(container):
        _measure_scrolling(figures, page)
        _measure_search(figures, page)


def _text() -> str:
    """What an Odoo under load writes: one request after the other, some with a warning or an error."""
    return "".join(
        f"2026-11-22 03:{n // 6000:02}:{n // 100 % 60:02},{n % 100:02}0 1 "
        f"{'ERROR' if n % 100 == 0 else 'WARNING' if n % 37 == 0 else 'INFO'} bench odoo.addons.sale: "
        f"request {n} to /web_search_read took {n % 100} ms{' of which most went into the database' * (n % 10 == 0)}\n"
        for n in range(1, LINES + 1)
    )


@contextlib.contextmanager
def _talking(container: str) -> Iterator[None]:
    words = ["docker", "exec", "--interactive", container, "bash", "-c", TALK]
    with processes.running(words, stdin=subprocess.PIPE) as process:
        yield
        process.stdin.close()
        process.wait(30)


def _measure_scrolling(figures: Figures, page: "Page") -> None:
    page.locator("[data-log-lines]").press("Home")
    # At most twice as many frames as lines of one row each would take.
    seen = page.evaluate(SCROLL, [STEP, 2 * LINES * LINE_HEIGHT // STEP])
    times, work = seen["times"], seen["work"]
    if not seen["isAtEnd"] or len(times) * STEP < LINES * LINE_HEIGHT:
        raise Failed(f"{len(times)} frames of {STEP} pixels did not lead through {LINES:,} lines")
    text = (
        f"{len(times):,} frames of {STEP:,} pixels, from the first line to the last while 20 a second come; "
        f"median {median(times):.1f} ms, 99 of 100 within {percentile(times, 99):.1f} ms, longest {max(times):.0f} ms; "
        f"the main thread worked at most {percentile(work, 95):.1f} ms for 95 of 100"
    )
    figures.add(Figure("console.log.frame.p95", percentile(times, 95), "ms", text, at_most=50))


def _measure_search(figures: Figures, page: "Page") -> None:
    field = page.locator("[data-log-search]")
    times: dict[str, list[float]] = {term.strip(): [] for term in TERMS}
    for _ in range(TURNS):
        for term, seen in times.items():
            page.evaluate(FIND, term)
            field.press_sequentially(term)
            seen.append(page.evaluate("window.found"))
            field.fill("")
            page.wait_for_function("() => !document.querySelector('.log mark')")
    told = ", ".join(f"“{term}” {median(seen):.0f} ms" for term, seen in times.items())
    slowest = max(median(seen) for seen in times.values())
    figures.add(Figure("console.log.search", slowest, "ms", f"{told}, each the median of {TURNS}", at_most=200))
