"""The console in a real browser.

The tests play on a stage: the console over a played domain (Tests/WebTests/Console/ConsoleStage.swift), which they start
themselves from what `swift build --build-tests` has built.
"""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PASSWORD = "correct horse"
# Patience for a machine that does many things at once; what is there already is not waited for.
expect.set_options(timeout=20_000)
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}

# For a page to begin with: its timers of seconds are held in `waits`, until `letGo()` lets them go at once.
HELD_TIMERS = """
(() => {
  const start = setTimeout, stop = clearTimeout;
  let number = 0;
  window.waits = new Map();
  window.setTimeout = (body, wait, ...rest) => {
    if (!(wait >= 5000)) return start(body, wait, ...rest);
    waits.set(--number, { body, wait });
    return number;
  };
  window.clearTimeout = (timer) => { if (!waits.delete(timer)) stop(timer); };
  window.letGo = () => {
    const held = [...waits.values()];
    waits.clear();
    for (const timer of held) timer.body();
  };
})();
"""
# How many seconds the held timers wait.
WAITS = "[...waits.values()].map((timer) => timer.wait / 1000)"


@contextlib.contextmanager
def running_stage() -> Iterator[str]:
    """The stage, up meanwhile; its address."""
    with tempfile.TemporaryDirectory() as folder:
        address = Path(folder, "address")
        with open(Path(folder, "log"), "w+") as log:
            command = ["swift", "test", "--skip-build", "--filter", "ConsoleStage"]
            process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | {"ODEUM_CONSOLE_STAGE": str(address)}, stdout=log, stderr=log
            )
            deadline = time.monotonic() + 120
            while not address.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    process.terminate()
                    log.seek(0)
                    raise RuntimeError("The stage did not come up:\n" + log.read()[-4000:])
                time.sleep(0.1)
            try:
                yield address.read_text()
            finally:
                address.unlink()
                process.wait(timeout=60)


@pytest.fixture(scope="session")
def stage():
    """The address of the stage."""
    with running_stage() as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visits:
    """Opens browser windows on the stage, and keeps what went wrong in them."""

    def __init__(self, browser, stage):
        self.browser = browser
        self.stage = stage
        self.contexts = []
        self.faults = []

    def window(self, viewport=None, signed_in=True, **options):
        context = self.browser.new_context(base_url=self.stage, viewport=viewport or WIDE, **options)
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        if signed_in:
            self.sign_in(context)
        page = context.new_page()
        page.on("console", self.heard)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", self.asked)
        return page

    def sign_in(self, context, email="owner@example.org"):
        answer = context.request.post(
            "/sign-in", form={"email": email, "password": PASSWORD}, headers={"Origin": self.stage}, max_redirects=0
        )
        assert answer.status == 303, answer.text()

    def heard(self, message):
        # A refused form answers with 4xx, which the browser notes as an error of its own; a page that is left gives up
        # what it asked for, which htmx notes.
        harmless = ("the server responded with a status of 4", "htmx:sendAbort", "htmx:afterRequest")
        if message.type == "error" and not any(text in message.text for text in harmless):
            self.faults.append(f"console: {message.text}")

    def asked(self, request):
        if urlsplit(request.url).netloc != urlsplit(self.stage).netloc:
            self.faults.append(f"request to elsewhere: {request.url}")

    def create(self, name, stage="dev", until="Running"):
        """An instance made through the console by a window of its own."""
        page = self.window()
        page.goto("/new")
        page.get_by_label("Name", exact=True).fill(name)
        page.locator(f"input[name=stage][value={stage}]").check()
        page.get_by_role("button", name="Create instance").click()
        page.wait_for_url("**/instances")
        page.goto(f"/instances/{name}")
        page.locator("#head .state", has_text=until).wait_for()
        page.close()


@pytest.fixture
def visits(browser, stage):
    visits = Visits(browser, stage)
    yield visits
    for context in visits.contexts:
        context.close()
    assert not visits.faults, "\n".join(visits.faults)


@pytest.fixture
def page(visits):
    """A wide window, signed in."""
    return visits.window()


def stay(page):
    """Marks the page as it is loaded now; `stayed` tells whether it was loaded again since."""
    page.evaluate("window.stayedHere = true")


def stayed(page):
    return page.evaluate("window.stayedHere === true")
