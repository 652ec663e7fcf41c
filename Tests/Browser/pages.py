"""Every page of the console on the stage, and the way to it."""

import re
from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Page

from conftest import PASSWORD, ROOT

# What ends the token that the pages about tokens make.
REVOKE = "Revoke backup script"
TEMPLATES = ROOT / "Sources/Web/Console/Templates"


def templates_of(html: str) -> set[str]:
    """The names of the templates that made a page of the stage."""
    return set(re.findall("<!-- template: (.+?) -->", html))


def every_template() -> set[str]:
    """The names of all templates of pages, and of what stands around them."""
    return {file.stem for file in TEMPLATES.glob("*.mustache")}


def created(page: Page, name: str | None = None) -> None:
    """What is shown after an instance was created."""
    page.goto("/new")
    page.get_by_label("Name", exact=True).fill(name or f"new-{uuid4().hex[:8]}")
    page.get_by_role("button", name="Create instance").click()
    page.get_by_role("heading", name="is being created").wait_for()


def member(page: Page) -> None:
    page.goto("/people")
    page.get_by_role("link", name="viewer@example.org").click()
    page.get_by_role("heading", name="viewer@example.org").wait_for()


def invited(page: Page) -> None:
    """The link of an invitation, shown once."""
    page.goto("/people")
    while page.get_by_role("button", name="Withdraw the invitation of new@").count():
        page.get_by_role("button", name="Withdraw the invitation of new@").first.click()
        page.get_by_text("The invitation is withdrawn.").wait_for()
    page.get_by_label("E-mail address").fill("new@example.org")
    page.get_by_role("button", name="Invite").click()
    page.get_by_label("Link of the invitation").wait_for()


def token(page: Page) -> None:
    """The secret of a token, shown once."""
    page.goto("/account")
    while page.get_by_role("link", name=REVOKE).count():
        page.goto(page.get_by_role("link", name=REVOKE).first.get_attribute("href"))
        page.get_by_role("button", name="Revoke").click()
        page.get_by_text("is revoked.").wait_for()
    page.get_by_label("Name").fill("backup script")
    page.get_by_role("button", name="Make a token").click()
    page.get_by_label("Secret of the token").wait_for()


def revoke(page: Page) -> None:
    token(page)
    page.goto(page.get_by_role("link", name=REVOKE).first.get_attribute("href"))


def server_key(page: Page) -> None:
    """The host key of a server that is added."""
    page.goto("/servers/new")
    page.get_by_label("Name", exact=True).fill("web1")
    page.get_by_label("Address", exact=True).fill("web1.example.com")
    page.get_by_role("button", name="Next: its host key").click()
    page.get_by_role("heading", name="Is this web1.example.com?").wait_for()


def second_factor(page: Page) -> None:
    """The page with the picture to scan."""
    page.goto("/account/security")
    if page.get_by_role("button", name="Turn off").count():
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Turn off").click()
    page.get_by_role("button", name="Set up").wait_for()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    page.get_by_role("heading", name="Set up a second factor").wait_for()


def recovery_codes(page: Page) -> None:
    second_factor(page)
    page.get_by_label("Code", exact=True).fill("123456")
    page.get_by_role("button", name="Turn on").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()


def guarded(page: Page) -> None:
    """How one's account is protected, where a second factor does."""
    recovery_codes(page)
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("button", name="Turn off").wait_for()


def sign_in_code(page: Page) -> None:
    """Signing in asks for the code of the second factor."""
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("guarded@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Enter your code").wait_for()


def link_sent(page: Page) -> None:
    """A link for a new password is on its way."""
    page.goto("/sign-in/forgotten")
    page.get_by_label("E-mail address").fill("owner@example.org")
    page.get_by_role("button", name="Send the link").click()
    page.get_by_role("status").wait_for()


# Pages to which an address alone does not lead.
WAYS: dict[str, Callable[[Page], None]] = {
    way.__name__.replace("_", "-"): way
    for way in [
        created, member, invited, token, revoke, server_key, second_factor, recovery_codes, guarded, sign_in_code,
        link_sent,
    ]
}  # fmt: skip


def visit(page: Page, place: str, job: str = "") -> None:
    """Goes to an address, in which JOB is that of a job, or to what one of `WAYS` leads to."""
    if place in WAYS:
        WAYS[place](page)
    else:
        page.goto(place.replace("JOB", job))
