"""What is refused, and how: status, code, the field at fault, and what to do next.

Requests are checked before anything is done on a host, so the control plane of this file has no Docker: what it
accepts stays in the queue.
"""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import requests

from . import processes
from .api import API, Refused
from .command_line import CommandLine
from .control_plane import NO_DOCKER, PROGRAMS

SETTINGS = NO_DOCKER


@pytest.fixture(scope="module")
def taken(plane):
    """An instance whose name and ports are taken."""
    return plane.api.create("taken")["instance"]


def refusal(ask, *arguments, **named):
    """What `ask` is refused with."""
    with pytest.raises(Refused) as refused:
        ask(*arguments, **named)
    assert refused.value.media_type == "application/problem+json"
    assert refused.value.title, "a refusal has a title"
    return refused.value


# Names, versions, editions …

WRONG_FIELDS = [
    # the wish, the field at fault, a part of the message, a part of the suggestion
    ({"name": "Shop"}, "name", "capital letter", "shop"),
    ({"name": "my_shop"}, "name", "underscore", "my-shop"),
    ({"name": "shop.test"}, "name", "dot", "shop-test"),
    ({"name": "-shop"}, "name", "starts with a hyphen", "shop"),
    ({"name": "shop-"}, "name", "ends with a hyphen", "shop"),
    ({"name": "ladenöl"}, "name", "\"ö\"", "laden-l"),
    ({"name": ""}, "name", "empty", "lower-case letters"),
    ({"name": "a" * 41}, "name", "41 characters", "a" * 40),
    ({"name": "shop; rm -rf /"}, "name", "not allowed", "shop-rm-rf"),
    ({"version": "13.0"}, "version", "13.0", "14.0, 15.0, 16.0, 17.0, 18.0, 19.0"),
    ({"version": "saas-18.2"}, "version", "saas-18.2", "19.0"),
    ({"edition": "enterprise"}, "edition", "your own source", "community"),
    ({"edition": "pro"}, "edition", "pro", "community or enterprise"),
    ({"stage": "live"}, "stage", "live", ""),
    ({"server": "mars"}, "server", "mars", "local"),
    ({"language": "de_XX"}, "language", "de_XX", "de_DE"),
    ({"language": "az_AZ", "version": "14.0"}, "language", "az_AZ", "another language"),
    ({"country": "XX"}, "country", "XX", ""),
    ({"modules": ["sale", "../etc"]}, "modules", "../etc", ""),
    ({"basePort": 10_005}, "basePort", "10005", ""),
    ({"basePort": 80}, "basePort", "multiple of ten", ""),
    ({"settings": {"workers": -1}}, "settings.workers", "-1", ""),
    ({"settings": {"cronThreads": 1_000_000}}, "settings.cronThreads", "1000000", ""),
    ({"settings": {"databaseFilter": "^(shop$"}}, "settings.databaseFilter", "regular expression", ""),
    ({"settings": {"odoo": {"shmMB": 0}}}, "settings.odoo.shmMB", "0", ""),
    (
        {"settings": {"workers": 4, "odoo": {"memoryMB": 1000}}}, "settings.odoo.memoryMB",
        "4 workers need 1712 MB (300 MB each and 512 MB for the rest)", "Raise the limit to 1712 MB",
    ),
    (
        {"settings": {"odoo": {"memoryMB": 1000, "memoryReservationMB": 2000}, "workers": 0}},
        "settings.odoo.memoryReservationMB", "more than the limit", "",
    ),
]


@pytest.mark.parametrize(
    "wish, field, message, suggestion", WRONG_FIELDS, ids=[f"{w}"[:48] for w, *_ in WRONG_FIELDS])
def test_a_wrong_field_is_named(plane, wish, field, message, suggestion):
    refused = refusal(plane.api.create, **{"name": "never", **wish})
    assert (refused.status, refused.code) == (422, "invalid")
    assert list(refused.fields) == [field]
    assert message in refused.fields[field]
    assert suggestion in refused.suggestion
    assert "never" not in [each["name"] for each in plane.api.instances()]


SNIPPETS = [
    # odoo.conf lines, a part of the message with the line at fault, a part of the suggestion
    ("limit_request = 1\nlimit_request = 2", "Line 2: The key limit_request is in line 1 already", "Keep one"),
    ("Limit_Request = 1\n\nlimit_request : 2", "Line 3: The key limit_request is in line 1 already", "Keep one"),
    ("limit_request = 1\n[queue_job]\nchannels = root:2", "Line 2: The section header [queue_job]", "remove the header"),
    ("[options]\nlimit_request = 1", "Line 1: The section header [options]", "Leave it out"),
    ("# mine\ndb_password = x", "Line 2: The key db_password is set by Odeum", "Remove the line"),
    ("admin_passwd = x", "Line 1: The key admin_passwd is set by Odeum", "Remove the line"),
    ("http_port = 80", "Line 1: The key http_port is set by Odeum", "Remove the line"),
    ("limit_request = 1\nunaccent", "Line 2: \"unaccent\" has no value", "key = value"),
    ("= 5", "Line 1: There is no key", "key = value"),
    ("limit request = 5", "Line 1: \"limit request\" cannot be a key", "letters, digits"),
    ("limit_request = many", "Line 1:", ""),
]


@pytest.mark.parametrize("lines, message, suggestion", SNIPPETS, ids=[each[0][:40] for each in SNIPPETS])
def test_a_wrong_snippet_is_refused_with_its_line(plane, lines, message, suggestion):
    refused = refusal(plane.api.create, "never", settings={"odooConf": lines})
    assert (refused.status, refused.code) == (422, "invalid")
    assert list(refused.fields) == ["settings.odooConf"]
    assert message in refused.fields["settings.odooConf"]
    assert suggestion in refused.suggestion


def test_a_wrong_snippet_is_refused_for_an_instance_that_there_is(plane, taken):
    before = plane.api.instance("taken")["settings"]
    refused = refusal(plane.api.change, "taken", odooConf="limit_request = 1\nlimit_request = 2")
    assert (refused.status, refused.code) == (422, "invalid")
    assert "Line 2" in refused.fields["odooConf"]
    assert plane.api.instance("taken")["settings"] == before


def test_a_key_that_has_a_field_moves_there_and_the_answer_says_so(plane):
    created = plane.api.create("moved", settings={"odooConf": "workers = 3\nlimit_request = 4096"})
    settings = created["instance"]["settings"]
    assert settings["workers"] == 3
    assert settings["odooConf"].strip() == "limit_request = 4096"
    assert any("workers has a field of its own and moved there" in note for note in created["notes"])


def test_all_that_is_wrong_is_said_at_once(plane):
    refused = refusal(
        plane.api.create, "No_Name", version="1", country="XX", settings={"workers": -1})
    assert (refused.status, refused.code) == (422, "invalid")
    assert {"name", "version", "country"} <= set(refused.fields)


def test_a_phased_out_version_is_made_with_a_remark(plane):
    notes = plane.api.create("veteran", version="14.0")["notes"]
    assert any("phased out" in note and "19.0" in note for note in notes), notes


# Names and ports that are taken


def test_a_name_that_is_taken_is_not_available(plane, taken):
    refused = refusal(plane.api.create, "taken")
    assert (refused.status, refused.code) == (409, "conflict")
    assert refused.fields == {"name": "The name “taken” is not available."}
    assert refused.suggestion == "Choose another name."


def test_a_block_of_ports_of_another_instance_is_refused(plane, taken):
    refused = refusal(plane.api.create, "never", basePort=taken["ports"]["web"])
    assert (refused.status, refused.code) == (409, "conflict")
    assert f"port {taken['ports']['web']} of local is taken" in refused.fields["basePort"]
    assert "another block" in refused.suggestion


@pytest.mark.parametrize("offset", [0, 1, 3])
def test_a_block_in_which_another_program_listens_is_refused(plane, offset):
    with closing(processes.listen(19_900 + offset)):
        refused = refusal(plane.api.create, "never", basePort=19_900)
    assert (refused.status, refused.code) == (409, "conflict")
    assert f"port {19_900 + offset} of local is taken" in refused.fields["basePort"]
    assert "another block" in refused.suggestion


def test_a_block_that_is_free_is_given_when_it_is_asked_for(plane):
    assert plane.api.create("chosen", basePort=19_910)["instance"]["ports"] == {
        "web": 19_910, "longpolling": 19_911, "mail": 19_912, "database": 19_913, "ide": 19_914}


def test_a_block_in_which_another_program_listens_is_skipped_and_mentioned(plane):
    before = plane.api.create("before-it")["instance"]["ports"]["web"]
    port = before + 10 + 3
    try:
        listener = processes.listen(port)
    except OSError:
        listener = socket.socket()  # somebody listens there already, which is as good
    with closing(listener):
        created = plane.api.create("behind-it")
    assert created["instance"]["ports"]["web"] > before + 10
    assert any(
        note.startswith(f"Ports {before + 10}–{before + 19} of local were skipped") for note in created["notes"]
    ), created["notes"]


# The same wish twice, and two wishes at once


def test_the_same_request_twice_makes_one_instance(plane):
    first = plane.api.create("once", key="a-key-of-mine")
    again = plane.api.create("once", key="a-key-of-mine")
    assert first["adminPassword"]
    assert again.get("adminPassword") is None, "the password is said once"
    assert again["job"]["id"] == first["job"]["id"]
    assert again["instance"]["id"] == first["instance"]["id"]
    assert [each["name"] for each in plane.api.instances()].count("once") == 1


def together(count, body):
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(lambda number: body(number), range(count)))


def test_the_same_request_sent_again_at_once_makes_one_instance(plane):
    token = plane.token
    answers = together(6, lambda _: API(plane.url, token).create("hasty", key="another-key"))
    assert len({each["job"]["id"] for each in answers}) == 1
    assert sum(1 for each in answers if each.get("adminPassword")) == 1


def test_of_two_people_who_want_a_name_at_once_one_gets_it(plane):
    token = plane.token

    def wish(_):
        try:
            return API(plane.url, token).create("wanted")["instance"]["id"]
        except Refused as refused:
            assert (refused.status, list(refused.fields)) == (409, ["name"])

    made = [each for each in together(6, wish) if each]
    assert len(made) == 1
    assert [each["name"] for each in plane.api.instances()].count("wanted") == 1


def test_instances_wished_for_at_once_get_blocks_of_their_own(plane):
    token = plane.token
    ports = together(8, lambda number: API(plane.url, token).create(f"crowd-{number}")["instance"]["ports"]["web"])
    assert len(set(ports)) == 8


def test_settings_that_somebody_else_saved_meanwhile_are_not_lost(plane):
    plane.api.create("shared")
    answer = requests.get(
        f"{plane.url}/api/v1/instances/shared", headers={"Authorization": f"Bearer {plane.token}"}, timeout=30)
    tag = answer.headers["ETag"]
    plane.api.change("shared", etag=tag, workerMemoryMB=1024)
    refused = refusal(plane.api.change, "shared", etag=tag, workerMemoryMB=512)
    assert (refused.status, refused.code) == (412, "conflict")
    assert "Load them again" in refused.suggestion
    assert plane.api.instance("shared")["settings"]["workerMemoryMB"] == 1024


# Who asks, and what for


@pytest.mark.parametrize("token", ["", "odeum_wrong", "x" * 4000])
def test_nothing_is_told_to_who_does_not_sign_in(plane, taken, token):
    refused = refusal(API(plane.url, token).instance, "taken")
    assert (refused.status, refused.code) == (401, "unauthenticated")


def test_what_there_is_not_is_not_found(plane):
    for ask in (plane.api.instance, plane.api.start, plane.api.stop, plane.api.remove):
        refused = refusal(ask, "nowhere")
        assert (refused.status, refused.code) == (404, "notFound")
        assert "nowhere" in refused.title
    refused = refusal(plane.api.job, "00000000-0000-0000-0000-000000000000")
    assert (refused.status, refused.code) == (404, "notFound")


def test_a_mistyped_field_is_not_left_out_in_silence(plane):
    refused = refusal(plane.api.create, "never", langauge="de_DE")
    assert (refused.status, refused.code) == (422, "invalid")
    assert "langauge" in refused.fields


def test_a_body_that_is_no_json_is_refused(plane):
    refused = refusal(
        plane.api.ask, "POST", "/instances", data="{name", headers={"Content-Type": "application/json"})
    assert (refused.status, refused.code) == (400, "invalid")


def test_a_living_instance_in_production_is_only_removed_after_it_left_that_stage(plane):
    # It never came to life, so it may go; see test_instances.py for one that lives.
    plane.api.create("stillborn", stage="production")
    assert plane.api.remove("stillborn")["kind"] == "instance.remove"


# The command line


COMMANDS = [
    # the words, the status, a part of the message, a part of the next step
    (["instance", "create", "taken"], 4, "not available", "another name"),
    (["instance", "create", "My_Shop"], 5, "capital letter", "my-shop"),
    (["instance", "create", "never", "--version", "13.0"], 5, "13.0", "19.0"),
    (["instance", "create", "never", "--edition", "enterprise"], 5, "your own source", "community"),
    (["instance", "create", "never", "--workers", "4", "--memory", "1000"], 5, "4 workers need 1712 MB", "1712 MB"),
    (["instance", "create", "never", "--port", "10005"], 5, "multiple of ten", ""),
    (["instance", "show", "nowhere"], 3, "nowhere", "odeum instance list"),
    (["instance", "rm", "taken"], 2, "nobody to ask", "odeum instance rm taken --yes"),
]


@pytest.mark.parametrize("words, status, message, following", COMMANDS, ids=[" ".join(each[0]) for each in COMMANDS])
def test_the_command_line_says_what_to_do_next(plane, taken, words, status, message, following):
    result = plane.cli.attempt(*words)
    assert result.status == status, str(result)
    assert message in result.err, str(result)
    if following:
        assert result.next and following in result.next, str(result)
    assert result.out == "", "what went wrong is no output"


def test_the_command_line_says_that_nothing_answers(plane):
    result = CommandLine(PROGRAMS / "odeum", "http://127.0.0.1:1", plane.token).attempt("instance", "list")
    assert result.status == 7 and "127.0.0.1:1" in result.err and result.next, str(result)


def test_the_command_line_says_that_a_token_is_no_longer_good(plane):
    result = CommandLine(PROGRAMS / "odeum", plane.url, "odeum_" + "0" * 43).attempt("instance", "list")
    assert result.status == 6 and result.next and result.next.startswith("Next: odeum login"), str(result)
