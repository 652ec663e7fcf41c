"""The console with a thousand instances and a hundred thousand jobs: its pages' time, size and memory, in a real browser.

What a server time is measured against is in no reference: the targets are absolute.
"""

import contextlib
import http.client
import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from measure import api, control_plane, docker, log_page, server, sign_in
from measure.control_plane import ControlPlane
from measure.figures import Failed, Figure, Figures, median, note, percentile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DATABASE = "odeum_console"
JOBS = 100_000
VISITS = 300
STREAMS = 500
TURNS = 10
# What is done to a container, the event that counts, what the page says then, and what mends it.
ENDS = (
    ("crash", ("kill",), "die", "", "start", None),
    ("stop", ("stop",), "die", "", "start", None),
    ("removal", ("rm", "--force"), "destroy", "removed from", "restart", {"mode": "hard"}),
)
INSTANCE = "bench-0500"
CHROMIUM = "/usr/bin/chromium"
# Ids as the queue gives them (UUIDv7), over the last thirty days.
SEED = f"""
    insert into job (id, kind, body, state, subject, organisation, requested_by, created_at, started_at, finished_at)
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
        || substr(md5(n::text), 4, 15))::uuid,
      'instance.restart.soft', jsonb_build_object('instance', i.id), 'succeeded', i.id, i.organisation_id, 'bench',
      at, at, at + interval '4 seconds'
    from (select n, now() - n * interval '26 seconds' as at from generate_series(1, {JOBS}) n) t
      join (select id, organisation_id, row_number() over (order by name) as place from instances) i
        on i.place = 1 + t.n % {api.INSTANCES};
    analyze;
"""


def measure(figures: Figures) -> None:
    # The other parts need no browser.
    from playwright.sync_api import sync_playwright

    with server.running() as postgres, control_plane.running(postgres.make(DATABASE)) as plane:
        postgres.sql(api.SEED, DATABASE)
        postgres.sql(SEED, DATABASE)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = _signed_in(browser, plane)
            cookie = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
            _measure_server_time(figures, plane, cookie)
            _measure_wire(figures, browser, plane, page.context.storage_state())
            _measure_change(figures, page, lambda status: postgres.sql(_status(status), DATABASE))
            browser.close()
        _measure_streams(figures, plane, cookie)
    with control_plane.running() as plane, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = _signed_in(browser, plane)
        _measure_ends(figures, page, plane)
        log_page.measure(figures, page, "ended")
        browser.close()
    sign_in.measure(figures)


def _signed_in(browser: "Browser", plane: ControlPlane) -> "Page":
    page = browser.new_context(base_url=plane.url).new_page()
    page.goto(plane.admin("link", "--sign-in").split()[-1].replace("http://localhost", plane.url))
    if page.get_by_role("button").count():
        page.get_by_role("button").first.click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def _status(status: str) -> str:
    return f"update instances set status = '{status}', status_since = now() where name = '{INSTANCE}'"


def _measure_server_time(figures: Figures, plane: ControlPlane, cookie: str) -> None:
    note(f"console: {VISITS} visits of an instance, one after the other")
    connection = http.client.HTTPConnection("127.0.0.1", plane.port)
    for name, path in {"instance": f"/instances/{INSTANCE}", "dashboard": "/", "jobs": "/jobs"}.items():
        times = []
        for visit in range(VISITS + 20):
            began = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            size = len(answer.read())
            if answer.status != 200:
                raise Failed(f"{path} answers {answer.status}")
            if visit >= 20:
                times.append((time.perf_counter() - began) * 1000)
        seen = f"median {median(times):.1f} ms, {size:,} bytes"
        limit = 15 if name == "instance" else None
        figures.add(Figure(f"console.{name}.p95", percentile(times, 95), "ms", seen, at_most=limit))
    connection.close()


def _measure_wire(figures: Figures, browser: "Browser", plane: ControlPlane, state: dict) -> None:
    """What the browser fetches for a page of an instance, with nothing in its cache and with all."""
    context = browser.new_context(base_url=plane.url, storage_state=state)
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    received = [0]
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    sizes = []
    for _ in range(2):
        received.clear()
        page.goto(f"/instances/{INSTANCE}")
        page.locator("#live[data-state=open]").wait_for(state="attached")
        sizes.append(sum(received) / 1000)
    figures.add(Figure("console.first-load", sizes[0], "KB", "everything that came over the wire", at_most=100))
    figures.add(Figure("console.next-load", sizes[1], "KB", "with the files in the cache", at_most=20))
    blocking = page.evaluate(
        """() => ({ styles: document.querySelectorAll('link[rel=stylesheet]').length,
          scripts: [...document.scripts].filter(s => !s.defer && !s.async && s.type !== 'module').length })"""
    )
    seen = f"{blocking['styles']} style sheets, {blocking['scripts']} scripts"
    figures.add(Figure("console.blocking", sum(blocking.values()), "files", seen, at_most=2))
    context.close()


def _measure_change(figures: Figures, page: "Page", change: Callable[[str], object]) -> None:
    """From the change in the database to its sight in the browser."""
    page.goto(f"/instances/{INSTANCE}")
    page.locator("#live[data-state=open]").wait_for(state="attached")
    times = []
    # Where the watch of the server looks in between and corrects the status, the page shows that: the turn is made again.
    for turn in range(40):
        status, text = ("running", "Running") if turn % 2 == 0 else ("stopped", "Stopped")
        _watch_for(page, text)
        began = time.time() * 1000
        change(status)
        if seen := page.evaluate("window.seen"):
            times.append(seen - began)
        if len(times) == 20:
            break
    else:
        raise Failed(f"{40 - len(times)} of 40 changes were never shown")
    seen = f"median of {len(times)}; slowest {max(times):.0f} ms, the statement by psql included"
    figures.add(Figure("console.change", median(times), "ms", seen, at_most=500))


def _measure_ends(figures: Figures, page: "Page", plane: ControlPlane) -> None:
    """From the end of a real Odoo on its host, behind the control plane's back, to the sight of it in the browser."""
    wish = {"name": "ended", "version": "19.0", "stage": "production", "settings": {"autoRestart": False}}
    plane.await_job(json.loads(plane.ask("POST", "/instances", wish))["job"]["id"])
    page.goto("/instances/ended")
    page.locator("#live[data-state=open]").wait_for(state="attached")
    for name, words, event, reason, mending, body in ENDS:
        note(f"console: docker {' '.join(words)} of a real Odoo")
        times = []
        for _ in range(TURNS):
            _watch_for(page, "Failed", reason)
            began = time.time()
            docker.run(*words, "odeum-ended")
            seen = page.evaluate("window.seen")
            if seen is None:
                raise Failed(f"docker {' '.join(words)} of a real Odoo was never shown")
            times.append(seen - docker.moment(event, "odeum-ended", since=began) * 1000)
            plane.await_job(json.loads(plane.ask("POST", f"/instances/ended/{mending}", body))["id"])
        seen = f"median of {len(times)}; slowest {max(times):.0f} ms, by the time that Docker tells"
        figures.add(Figure(f"console.{name}", median(times), "ms", seen, at_most=500))


def _watch_for(page: "Page", text: str, reason: str = "") -> None:
    """`window.seen` is to be when the page shows that status with that reason, in milliseconds since 1970; null where
    it does not within ten seconds."""
    page.evaluate(
        """([text, reason]) => { window.seen = new Promise(done => {
          const look = () => document.querySelector('#head .state')?.textContent.trim() === text
            && document.querySelector('#head').textContent.includes(reason) && done(Date.now());
          new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
          setTimeout(done, 10000, null);
        }) }""",
        [text, reason],
    )


def _measure_streams(figures: Figures, plane: ControlPlane, cookie: str) -> None:
    note(f"console: {STREAMS} open streams of events")
    before = plane.memory()["Rss"]
    with _streams(plane, cookie):
        more = plane.memory()["Rss"] - before
    figures.add(Figure("console.streams", more, "MB", f"{STREAMS} open, {before:.0f} MB before", at_most=100))


@contextlib.contextmanager
def _streams(plane: ControlPlane, cookie: str) -> Iterator[None]:
    connections = []
    try:
        for _ in range(STREAMS):
            connection = http.client.HTTPConnection(urlsplit(plane.url).hostname, plane.port, timeout=30)
            connections.append(connection)
            connection.request("GET", "/events", headers={"Cookie": cookie, "Accept": "text/event-stream"})
            answer = connection.getresponse()
            if answer.status != 200 or b"event" not in answer.readline():
                raise Failed(f"a stream of events answers {answer.status}")
        yield
    finally:
        for connection in connections:
            connection.close()
