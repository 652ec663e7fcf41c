"""What a person does about himself on the command line, and the operator about organisations."""

import pytest

from .command_line import CommandLine
from .control_plane import NO_DOCKER, PROGRAMS
from .visitor import PASSWORD, Visitor, one_time_code

SETTINGS = NO_DOCKER


@pytest.fixture(scope="module")
def cli(plane):
    return plane.cli


def as_person(plane, token):
    return CommandLine(PROGRAMS / "odeum", plane.url, token)


def join(plane, link):
    """Somebody who accepts an invitation, signed in."""
    visitor = Visitor(plane.url)
    token = link.rpartition("token=")[2].strip()
    answer = visitor.post("/invitation", {"token": token, "password": PASSWORD, "repeated": PASSWORD})
    assert answer.status_code == 303, answer.text
    return visitor


def test_a_person_sees_to_his_own_account(plane, cli):
    ben = join(plane, cli.run("member", "invite", "ben@example.org").out)
    own = as_person(plane, plane.admin("token", "--email", "ben@example.org").stdout.strip())
    assert "developer" in own.run("account").out
    # His sessions
    assert Visitor(plane.url).post("/sign-in", {"email": "ben@example.org", "password": PASSWORD}).status_code == 303
    first, second = [dict(each, id=each["id"].lower()) for each in own.json("account", "session", "list")["items"]]
    listed = own.run("account", "session", "list").out
    assert first["id"] in listed and second["id"] in listed
    assert "has ended" in own.run("account", "session", "end", second["id"]).out
    gone = own.attempt("account", "session", "end", second["id"])
    assert gone.status == 3 and gone.next == "Next: odeum account session list", str(gone)
    assert "1 sessions have ended" in own.run("account", "session", "end", "--all").out
    assert ben.get("/instances").status_code == 303, "he is asked to sign in"
    # His second factor
    secret, address = own.run("account", "second-factor", "on", "--password-stdin", given=PASSWORD).out.split()
    assert address.startswith("otpauth://totp/") and secret in address
    wrong = own.attempt("account", "second-factor", "confirm", "wrong")
    assert wrong.status == 5 and wrong.err, str(wrong)
    codes = own.run("account", "second-factor", "confirm", one_time_code(secret)).out.split()
    assert len(codes) == 10 and "10 recovery codes are left" in own.run("account", "second-factor", "show").out
    renewed = own.json("account", "second-factor", "codes", "--password-stdin", given=PASSWORD)["recoveryCodes"]
    assert not set(codes) & set(renewed)
    assert "is off" in own.run("account", "second-factor", "off", "--password-stdin", given=PASSWORD).out
    # His password
    unasked = own.attempt("account", "password")
    assert unasked.status == 2 and "--password-stdin" in unasked.next, str(unasked)
    refused = own.attempt("account", "password", "--password-stdin", given="wrong\nanother long one\n")
    assert refused.status == 5 and "This is not your password" in refused.err, str(refused)
    assert "is changed" in own.run("account", "password", "--password-stdin", given=f"{PASSWORD}\nanother long one\n").out
    # And he goes.
    unsure = own.attempt("member", "leave")
    assert unsure.status == 2 and unsure.next == "Next: odeum member leave --yes", str(unsure)
    assert "no member of main any more" in own.run("member", "leave", "--yes").out
    over = own.attempt("account")
    assert over.status == 6 and over.next == f"Next: odeum login {plane.url}", str(over)


def test_an_operator_makes_changes_and_removes_an_organisation(plane, cli):
    made = cli.run("organisation", "create", "acme", "--name", "Acme Ltd")
    assert "acme is made" in made.out and "odeum server edit NAME --shared-with …,acme" in made.err
    changed = cli.json("organisation", "change", "acme", "--plan", "Small", "--staging", "2", "--includes", "backups")
    assert (changed["plan"]["limits"]["staging"], changed["plan"]["allowances"]) == (2, ["backups"])
    kept = cli.json("organisation", "change", "acme", "--staging", "none")
    assert kept["plan"]["name"] == "Small" and kept["plan"]["limits"].get("staging") is None
    assert "Small" in cli.run("organisation", "all").out
    taken = cli.attempt("organisation", "create", "acme")
    assert taken.status == 4 and taken.next, str(taken)
    unasked = cli.attempt("organisation", "rm", "acme")
    assert unasked.status == 2 and unasked.next == "Next: odeum organisation rm acme --yes"
    assert "acme is removed" in cli.run("organisation", "rm", "acme", "--yes").out
