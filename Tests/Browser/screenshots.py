"""Takes a picture of every page of the console, in light, in dark and on a phone, into docs/screenshots.

    var/python/bin/python Tests/Browser/screenshots.py [FOLDER]

The pages are those of the stage (see conftest.py), with a few instances on it.
"""

import base64
import sys
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from conftest import CHROMIUM, PASSWORD, PHONE, ROOT, running_stage
from pages import WAYS, created

FOLDER = ROOT / "docs/screenshots"
LOOKS = {
    "light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light", "device_scale_factor": 2},
}
# What stands on the stage, and how each is to be when the pictures are taken.
INSTANCES = {
    "erp": ("production", "Running"),
    "erp-training": ("staging", "Running"),
    "pricing": ("dev", "Running"),
    "webshop": ("production", "Running"),
}
PAGES = {
    "dashboard": "/",
    "instances": "/instances",
    "new-instance": "/new",
    "instance": "/instances/erp",
    "queue": "/instances/erp/queue",
    "logs": "/instances/erp/logs",
    "mail": "/instances/pricing/mail",
    "mail-message": "/instances/pricing/mail/hostile",
    "mail-clear": "/instances/pricing/mail/clear",
    "settings-odoo": "/instances/erp/settings",
    "settings-postgresql": "/instances/erp/settings/postgresql",
    "settings-packages": "/instances/erp/settings/packages",
    "restart": "/instances/erp/restart",
    "stop": "/instances/erp/stop",
    "remove": "/instances/pricing/remove",
    "jobs": "/jobs",
    "job": "JOB",
    "servers": "/servers",
    "server": "/servers/local",
    "add-server": "/servers/new",
    "edit-server": "/servers/local/edit",
    "people": "/people",
    "audit": "/audit",
    "account": "/account",
    "security": "/account/security",
    "leave": "/account/leave",
    "organisations": "/organisations",
    "organisation": "/organisations/acme",
    "organisation-remove": "/organisations/acme/remove",
    "api": "/api/v1/",
    "job-cancel": "JOB/cancel",
    "not-here": "/nowhere",
}
# Those for everybody.
DOORSTEP = {
    "sign-in": "/sign-in",
    "sign-in-link": "/sign-in/link?token=choose",
    "forgotten": "/sign-in/forgotten",
    "invitation": "/invitation?token=new",
    "not-here-signed-out": "/nowhere",
}
# A page that is longer is cut off here, in CSS pixels.
LONGEST = 1700


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with running_stage() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        job = furnish(browser, address)
        for look, options in LOOKS.items():
            context = browser.new_context(base_url=address, reduced_motion="reduce", **options)
            page = context.new_page()
            for name, path in DOORSTEP.items():
                page.goto(path)
                take(page, folder / f"{name}.{look}.webp")
            sign_in(context, address)
            for name, path in PAGES.items():
                page.goto(path.replace("JOB", job))
                take(page, folder / f"{name}.{look}.webp")
            context.close()
        # What these leave behind is on none of the pictures above.
        for look, options in LOOKS.items():
            context = browser.new_context(base_url=address, reduced_motion="reduce", **options)
            page = context.new_page()
            sign_in(context, address)
            for name, way in (WAYS | {"created": lambda page: created(page, f"crm-{look}")}).items():
                way(page)
                take(page, folder / f"{name}.{look}.webp")
            context.close()
        browser.close()
    size = sum(file.stat().st_size for file in folder.glob("*.webp"))
    print(f"{len(list(folder.glob('*.webp')))} pictures, {size / 1e6:.1f} MB, are in {folder}.")


def sign_in(context: BrowserContext, address: str) -> None:
    answer = context.request.post(
        "/sign-in",
        form={"email": "owner@example.org", "password": PASSWORD},
        headers={"Origin": address},
        max_redirects=0,
    )
    assert answer.status == 303, answer.text()


def furnish(browser: Browser, address: str) -> str:
    """Makes the instances; the address of the job that made the first one."""
    context = browser.new_context(base_url=address)
    sign_in(context, address)
    for name, (stage, _) in INSTANCES.items():
        form = {"key": name, "name": name, "stage": stage}
        context.request.post("/instances", form=form, headers={"Origin": address})
    page = context.new_page()
    for name, (_, status) in INSTANCES.items():
        page.goto(f"/instances/{name}")
        page.locator("#head .state", has_text=status).wait_for()
    page.goto("/instances/erp")
    job = page.get_by_role("link", name="Job log").get_attribute("href")
    context.close()
    return job


def take(page: Page, file: Path) -> None:
    width = page.viewport_size["width"]
    # What sticks to the window's edge then stands at the page's.
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(LONGEST, max(height, LOOKS["light"]["viewport"]["height"]))})
    if page.locator("#live").count():
        page.locator("#live[data-state=open], #live[data-state=lost]").wait_for(state="attached")
    page.evaluate("document.fonts.ready")
    picture = page.context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": 82})
    file.write_bytes(base64.b64decode(picture["data"]))
    page.set_viewport_size({"width": width, "height": PHONE["height"]})


if __name__ == "__main__":
    main()
