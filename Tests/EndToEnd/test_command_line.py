"""Every command of `odeum` that no other file runs, against a real control plane and one real instance."""

import csv
import io
import json
import os
import re
import stat
import subprocess

import pytest

from . import engine
from .command_line import CommandLine
from .control_plane import PROGRAMS
from .test_command_line_account import as_person, join
from .waiting import until

pytestmark = pytest.mark.slow

NAME = "typed"
SMALL = ["--stage", "dev", "--workers", "0", "--cron-threads", "0"]
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def cli(plane):
    return plane.cli


@pytest.fixture(scope="module")
def shop(plane, cli):
    """A small instance that the command line made."""
    created = cli.json("instance", "create", NAME, *SMALL, "--wait", within=600)
    assert created["job"]["state"] == "succeeded" and created["adminPassword"]
    return created["instance"]


def same_names(shown, asked):
    """Whether two JSON documents have the same fields: what changes by itself, such as times, may differ."""
    if isinstance(shown, dict) and isinstance(asked, dict):
        return set(shown) == set(asked) and all(same_names(shown[name], asked[name]) for name in asked)
    if isinstance(shown, list) and isinstance(asked, list):
        return len(shown) == len(asked) and all(same_names(*pair) for pair in zip(shown, asked))
    return isinstance(shown, type(asked)) or isinstance(asked, type(shown)) or {type(shown), type(asked)} == {int, float}


# What shows something: the words, the path in the API, and what stands in the table

SHOWN = [
    (["instance", "list"], "/instances?limit=200", NAME),
    (["instance", "list", "--server", "local", "--stage", "dev", "--status", "running", "--search", "type"],
     "/instances?limit=200", NAME),
    (["instance", "show", NAME], f"/instances/{NAME}", "none (threads)"),
    (["open", NAME], f"/instances/{NAME}", "http://"),
    (["server", "list"], "/servers", "this machine"),
    (["server", "show", "local"], "/servers/local", "1 dev"),
    (["server", "placement", "--stage", "dev", "--workers", "1"], "/servers/placement?stage=dev&workers=1", "local"),
    (["job", "list", "--instance", NAME], f"/instances/{NAME}/jobs", "Create"),
    (["member", "list"], "/members", "admin@localhost"),
    (["token", "list"], "/tokens", "end to end"),
    (["account", "show"], "/account", "operator of the installation"),
    (["account", "second-factor"], "/account/second-factor", "There is no second factor."),
    (["organisation", "list"], "/organisations", "main"),
    (["organisation", "plan"], "/plan", "any number"),
    (["organisation", "all"], "/installation/organisations", "main"),
    (["installation"], "/installation", "Last backup"),
    (["audit", "--action", "instance.create"], "/audit?action=instance.create&limit=50", "instance.create"),
]


@pytest.mark.parametrize("words, path, told", SHOWN, ids=[" ".join(each[0]) for each in SHOWN])
def test_what_there_is_is_shown_to_people_and_as_the_json_of_the_api(plane, cli, shop, words, path, told):
    shown = cli.run(*words)
    assert told in shown.out and shown.err == "", str(shown)
    asked = plane.api.ask("GET", path.replace(f"/instances/{NAME}/jobs", f"/jobs?instance={NAME}&limit=20"))
    assert same_names(cli.json(*words), asked)


def test_settings_are_shown_tried_and_changed(plane, cli, shop):
    assert "none (threads)" in cli.run("instance", "settings", NAME).out
    assert cli.json("instance", "settings", NAME) == plane.api.instance(NAME)["settings"]
    tried = cli.run("instance", "settings", NAME, "--log-level", "warn", "--preview")
    assert "Saving this changes:" in tried.out and "soft restart" in tried.out
    assert plane.api.instance(NAME)["settings"]["logLevel"] == "info"
    assert cli.json("instance", "settings", NAME, "--log-level", "warn", "--preview")["restart"] == "soft"
    saved = cli.run("instance", "settings", NAME, "--log-level", "warn")
    assert saved.next == f"Next: odeum instance restart {NAME}", str(saved)
    assert plane.api.instance(NAME)["settings"]["logLevel"] == "warn"
    given = cli.json("instance", "settings", NAME, "--log-level", "info", "--odoo-conf", "-", given="limit_request = 4096\n")
    assert given["instance"]["settings"]["odooConf"].strip() == "limit_request = 4096"
    assert "limit_request = 4096" in cli.run("instance", "settings", NAME).out


def test_an_instance_stops_starts_and_restarts(plane, cli, shop):
    assert f"{NAME} is stopped" in cli.run("instance", "stop", NAME, "--wait").out
    stopped = cli.run("open", NAME)
    assert shop["url"] in stopped.out and "It is stopped" in stopped.err
    started = cli.json("instance", "start", NAME, "--wait")
    assert (started["kind"], started["state"]) == ("instance.start", "succeeded")
    assert shop["url"] in cli.run("instance", "restart", NAME, "--wait").out
    assert plane.api.instance(NAME)["pendingRestart"] == "none"
    unwaited = cli.run("instance", "restart", NAME, "--no-wait")
    assert unwaited.out == "", str(unwaited)
    (job,) = re.findall("odeum job show ([0-9a-f-]{36}) --follow", unwaited.err)
    hindered = cli.attempt("instance", "stop", NAME)
    assert hindered.status == 4 and hindered.next, str(hindered)
    assert f"{NAME} has a job under way: Restart (soft)." in hindered.err, str(hindered)
    followed = cli.run("job", "show", job, "--follow", "--log")
    assert followed.out.startswith(f"Restart (soft) {NAME} ") and "succeeded" in followed.out, str(followed)


def test_logs_are_read_and_saved(plane, cli, shop, tmp_path):
    assert len(cli.run("instance", "logs", NAME, "--tail", "3").out.splitlines()) == 3
    items = cli.json("instance", "logs", NAME, "--source", "database", "--tail", "2")["items"]
    assert [each["source"] for each in items] == ["database"] * 2
    target = tmp_path / "shop.log"
    cli.run("instance", "logs", NAME, "--output", str(target))
    assert len(target.read_text().splitlines()) > 3
    again = cli.attempt("instance", "logs", NAME, "--output", str(target))
    assert again.status == 2 and again.next, str(again)


def test_the_database_is_reached_with_what_is_said(plane, cli, shop):
    told = cli.run("instance", "database", NAME).out
    access = cli.json("instance", "database", NAME)
    assert access["password"] in told and access["client"] in told
    words = ["psql", "--host=localhost", f"--username={access['user']}", "-AtXc", "select 1", access["database"]]
    assert engine.run_in(f"odeum-{NAME}-db", "env", f"PGPASSWORD={access['password']}", *words).strip() == "1"


def test_an_empty_inbox_says_so_and_is_cleared(cli, shop):
    listed = cli.run("instance", "mail", NAME)
    assert listed.out == "" and f"{NAME} has sent no mail" in listed.err
    assert cli.json("instance", "mail", "list", NAME)["items"] == []
    unasked = cli.attempt("instance", "mail", "clear", NAME)
    assert unasked.status == 2 and unasked.next == f"Next: odeum instance mail clear {NAME} --yes"
    assert "is empty" in cli.run("instance", "mail", "clear", NAME, "--yes").out
    unknown = cli.attempt("instance", "mail", "show", NAME, "none")
    assert unknown.status == 3 and unknown.next == f"Next: odeum instance mail {NAME}", str(unknown)


# Jobs


def test_a_creation_is_cancelled_and_told_by_the_first_letters_of_its_job(plane, cli):
    job = cli.json("instance", "create", "halted", *SMALL, "--no-wait")["job"]["id"].lower()
    # The first of its steps only looks, so that nothing would have to be undone.
    until("it has begun to make things", lambda: [
        step["name"] for step in plane.api.job(job)["steps"] if step["state"] != "pending"
    ][1:], 60, every=0.01)
    cancelled = cli.run("job", "cancel", job, "--wait")
    assert "Create is cancelled" in cancelled.out, str(cancelled)
    shown = cli.run("job", "show", job[:30], "--log")
    assert "Create halted" in shown.out and "undoing" in shown.out, str(shown)
    assert same_names(cli.json("job", "show", job), plane.api.job(job))
    again = cli.attempt("job", "cancel", job)
    assert again.status == 4 and again.next, str(again)
    followed = cli.attempt("job", "show", job, "--follow")
    assert followed.status == 8 and followed.next == f"Next: odeum job show {job} --log", str(followed)
    assert "halted is removed" in cli.run("instance", "rm", "halted", "--yes", "--wait").out


# The server on which the control plane runs


def test_the_local_server_is_changed_taken_out_of_use_and_back(plane, cli, shop):
    assert "local is saved" in cli.run("server", "edit", "local", "--note", "rack 4", "--stage-policy", "allow").out
    assert "rack 4" in cli.run("server", "show", "local").out
    drained = cli.run("server", "drain", "local")
    assert "takes no new instances" in drained.out and NAME in drained.out, str(drained)
    refused = cli.attempt("instance", "create", "nowhere", *SMALL)
    assert refused.status in (4, 5) and refused.next, str(refused)
    assert "in maintenance" in cli.run("server", "maintenance", "local").out
    assert cli.run("server", "show", "local").out.rstrip().endswith("Next: odeum server activate local")
    assert cli.json("server", "activate", "local")["mode"] == "active"
    validated = cli.attempt("server", "validate", "local", "--wait")
    (job,) = cli.json("job", "list", "--server", "local", "--limit", "1")["items"]
    # Whether this very machine is fit is not the question here.
    assert (job["kind"], validated.status) == ("server.validate", 0 if job["state"] == "succeeded" else 8), str(validated)
    stays = cli.attempt("server", "rm", "local", "--yes")
    assert stays.status == 4 and stays.next, str(stays)


# People


def test_a_person_is_invited_changed_and_removed(plane, cli, shop):
    unused = cli.json("member", "invite", "late@example.org", "--role", "viewer")
    assert "late@example.org" in cli.run("member", "invitations").out
    assert same_names(cli.json("member", "invitations"), plane.api.ask("GET", "/invitations"))
    assert "withdrawn" in cli.run("member", "withdraw", unused["id"]).out
    again = cli.attempt("member", "withdraw", unused["id"])
    assert again.status == 3 and again.next == "Next: odeum member invitations", str(again)
    invited = cli.run("member", "invite", "ada@example.org", "--role", "tester", "--instances", NAME)
    assert "ada@example.org can join until" in invited.err and "/invitation?token=" in invited.out
    join(plane, invited.out)
    assert "1 instances" in cli.run("member", "list").out
    changed = cli.run("member", "change", "ada@example.org", "--actions", "viewInstances", "--role", "developer")
    assert "ada@example.org is developer" in changed.out
    lifted = cli.json("member", "change", "ada@example.org", "--actions", "role", "--instances", "all")
    assert "actions" not in lifted["grants"] and "instances" not in lifted["grants"]
    assert "no member any more" in cli.run("member", "rm", "ada@example.org").out
    gone = cli.attempt("member", "rm", "ada@example.org")
    assert gone.status == 3 and gone.next == "Next: odeum member list", str(gone)


def test_a_token_does_what_it_was_made_for_until_it_is_revoked(plane, cli, shop):
    secret = cli.run("token", "create", "looks", "--scope", "read", "--expires", "90d").out.strip()
    looks = as_person(plane, secret)
    assert NAME in looks.run("instance", "list").out
    refused = looks.attempt("instance", "stop", NAME)
    assert refused.status == 6 and "--scope" in refused.next, str(refused)
    (made,) = [each for each in cli.json("token", "list")["items"] if each["name"] == "looks"]
    assert "has ended" in cli.run("token", "revoke", made["id"]).out
    assert looks.attempt("instance", "list").status == 6
    again = cli.attempt("token", "revoke", made["id"])
    assert again.status == 3 and again.next == "Next: odeum token list", str(again)
    assert cli.json("token", "create", "ci")["secret"].startswith("odeum_")


def test_the_audit_log_is_searched_and_exported(plane, cli, shop, tmp_path):
    found = cli.run("audit", "--search", NAME, "--limit", "5").out
    assert NAME in found and "cli" in found
    assert "No entry matches." in cli.run("audit", "--search", "no such thing").err
    rows = list(csv.DictReader(io.StringIO(cli.run("audit", "export", "--csv", "--action", "instance.create").out)))
    assert NAME in {row["subject"] for row in rows}, rows
    documents = [json.loads(line) for line in cli.run("audit", "export", "--search", NAME).out.splitlines()]
    assert {each["action"] for each in documents} >= {"instance.create", "instance.stop"}
    target = tmp_path / "audit.csv"
    cli.run("audit", "export", "--csv", "--output", str(target))
    assert target.read_text().count("\n") > len(rows)
    again = cli.attempt("audit", "export", "--output", str(target))
    assert again.status == 2 and again.next, str(again)


# What it remembers of servers, and the shell


def test_servers_are_remembered_chosen_and_forgotten(plane, cli, tmp_path):
    own = CommandLine(PROGRAMS / "odeum", home=tmp_path)
    strange = own.attempt("instance", "list")
    assert strange.status == 2 and strange.next.startswith("Next: odeum login http"), str(strange)
    assert "Next: odeum login" in own.run("context", "list").err
    unasked = own.attempt("login", plane.url)
    assert unasked.status == 2 and unasked.next == f"Next: odeum login {plane.url} --token-stdin < token-file"
    wrong = own.attempt("login", plane.url, "--token-stdin", given="odeum_" + "0" * 43)
    assert wrong.status == 6 and wrong.next, str(wrong)
    assert not list(tmp_path.iterdir()), "nothing is remembered of it"
    signed_in = own.run("login", plane.url, "--token-stdin", given=plane.token).out
    place = plane.url.removeprefix("http://")
    assert f"as admin@localhost, owner of main. Context “{place}” is in use." in signed_in
    file = tmp_path / ".config/odeum/config.json"
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    cli.run("organisation", "create", "globex")
    token = plane.admin("token", "--organisation", "globex").stdout
    own.run("login", plane.url, "--token-stdin", "--name", "other", given=token)
    assert own.json("account")["organisation"] == "globex"
    assert own.json("account", "--context", place)["organisation"] == "main"
    assert f"Context “{place}” ({plane.url}) is in use." in own.run("context", "use", place).out
    lines = own.run("context", "list").out.splitlines()
    assert [line.split() for line in lines[1:]] == [["*", place, "main", plane.url], ["other", "globex", plane.url]]
    unknown = own.attempt("instance", "list", "--context", "third")
    assert unknown.status == 2 and unknown.next == "Next: odeum context list", str(unknown)
    assert "is forgotten" in own.run("context", "rm", place).out
    none = own.attempt("instance", "list")
    assert none.status == 2 and none.next.startswith("Next: odeum context use NAME"), "one is known still"
    own.run("context", "rm", "other")
    assert plane.token not in file.read_text()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_completion_script_for_each_shell(cli, shell):
    assert "odeum" in cli.run("--generate-completion-script", shell).out


def test_bash_completes_commands_and_the_names_of_instances(cli, shop, tmp_path):
    script = tmp_path / "odeum.bash"
    script.write_text(cli.run("--generate-completion-script", "bash").out)
    subprocess.run(["bash", "-n", str(script)], check=True, capture_output=True)
    for words, wanted in ((["instance", "resta"], "restart"), (["instance", "show", "ty"], NAME)):
        asked = (
            f"source {script}; COMP_WORDS=(odeum {' '.join(words)}); COMP_CWORD={len(words)};"
            f" _odeum odeum {words[-1]} {words[-2]}; echo \"${{COMPREPLY[@]}}\"")
        environment = {**cli._environment, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
        ended = subprocess.run(["bash", "-c", asked], env=environment, capture_output=True, text=True, timeout=60)
        assert ended.stdout.split() == [wanted], ended


# What cannot be done


def test_it_says_its_version_explains_itself_and_what_was_typed_wrong(cli):
    assert cli.run("version").out == cli.run("--version").out
    assert "SUBCOMMANDS" in cli.run("--help").out
    wrong = cli.attempt("instance", "list", "--nonsense")
    assert wrong.status == 2 and "odeum instance list" in wrong.err and wrong.out == "", str(wrong)


# What was typed, a part of what is said of it, and what to type next
REFUSED = [
    ("instance list --status foo", "running, stopped", "Next: odeum instance list --help"),
    ("instance list --stage foo", "production, staging, dev", "Next: odeum instance list --help"),
    (f"instance logs {NAME} --source foo", "odoo, database", "Next: odeum instance logs --help"),
    (f"instance logs {NAME} --tail -1", "a number from", "Next: odeum instance logs --help"),
    (f"instance settings {NAME} --workers -3", "-3 does not fit", "Next: odeum instance settings --help"),
]


@pytest.mark.parametrize("words, told, following", REFUSED, ids=[each[0] for each in REFUSED])
def test_a_value_that_is_refused_leads_to_the_values_that_there_are(cli, shop, words, told, following):
    result = cli.attempt(*words.split())
    assert result.status == 5 and told in result.err and result.out == "", str(result)
    assert result.next == following, str(result)


def test_an_address_without_http_says_so(plane, tmp_path):
    told = CommandLine(PROGRAMS / "odeum", "nonsense", plane.token).attempt("instance", "list")
    assert told.status == 2 and "http:// or https:// is missing" in told.err, str(told)
    assert told.next.startswith("Next: export ODEUM_URL=https://"), str(told)
    login = CommandLine(PROGRAMS / "odeum", home=tmp_path).attempt("login", "nonsense")
    assert login.status == 2 and "http:// or https:// is missing" in login.err and "http://" in login.next, str(login)


def test_modules_may_have_blanks_between_them(cli, shop):
    refused = cli.attempt("instance", "create", "never", *SMALL, "--modules", "no_such_one, no.such.other")
    assert refused.status == 5 and "no.such.other" in refused.err and "no_such_one," not in refused.err, str(refused)


UNKNOWN = {
    "odeum instance list": [
        "instance show nowhere", "instance stop nowhere", "instance settings nowhere --workers 1", "instance logs nowhere",
        "instance database nowhere", "instance mail nowhere", "instance mail show nowhere 1",
        "instance mail save nowhere 1 2", "instance rm nowhere --yes", "open nowhere", "job list --instance nowhere",
    ],
    "odeum server list": [
        "server show nowhere", "server drain nowhere", "server edit nowhere --note x", "server validate nowhere",
        "server rm nowhere --yes", "instance list --server nowhere", "job list --server nowhere",
    ],
    "odeum job list": [f"job show {NOBODY}", f"job cancel {NOBODY}", "job show ffffffff"],
    "odeum member list": ["member change nobody@example.org --role viewer"],
    "odeum organisation all": ["organisation change nowhere --name x", "organisation rm nowhere --yes"],
    "odeum server strays": [f"server strays rm {NOBODY} --yes"],
}


@pytest.mark.parametrize("words, following", [(words, next) for next, each in UNKNOWN.items() for words in each])
def test_what_there_is_not_leads_to_the_list_of_what_there_is(cli, words, following):
    result = cli.attempt(*words.split())
    assert (result.status, result.next, result.out) == (3, f"Next: {following}", ""), str(result)


EVERY_DOOR = [["instance", "list"], ["instance", "create", "never"], ["job", "list"], ["audit", "export"], ["account"]]


@pytest.mark.parametrize("words", EVERY_DOOR, ids=" ".join)
def test_a_wrong_token_and_a_server_that_is_away_say_what_to_do(plane, words):
    stranger = as_person(plane, "odeum_" + "0" * 43).attempt(*words)
    assert (stranger.status, stranger.next) == (6, f"Next: odeum login {plane.url}"), str(stranger)
    away = CommandLine(PROGRAMS / "odeum", "http://127.0.0.1:1", plane.token).attempt(*words)
    assert away.status == 7 and "127.0.0.1:1" in away.err and away.next, str(away)


def test_the_last_of_all_an_instance_is_removed_with_what_it_had(plane, cli, shop):
    assert f"{NAME} is removed" in cli.run("instance", "rm", NAME, "--yes", "--wait").out
    listed = cli.run("instance", "list")
    assert listed.out == "" and "Next: odeum instance create NAME" in listed.err, str(listed)
