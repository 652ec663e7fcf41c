"""Hooks of schemathesis, in its own process: lead what it sends to what is really there, as `population` made it.

What it makes up itself names nothing that exists, so every use case would end at its first line.
"""

import json
import os
import random
from ipaddress import ip_address
from pathlib import Path
from uuid import uuid4

import requests
import schemathesis

from API.population import ASLEEP, AWAKE, SPARES

URL, TOKEN, SEEN = (os.environ[f"FUZZ_{name}"] for name in ("URL", "TOKEN", "SEEN"))
# As many calls are led as are not.
LED = 0.5
# Living instances are kept between these.
FEW, MANY = 4, 8
NOBODY = "https://127.0.0.1:9/nobody.git"

chance = random.Random(1)
session = requests.Session()
session.headers["Authorization"] = f"Bearer {TOKEN}"


def _ask(method, path, **options):
    answer = session.request(method, f"{URL}{path}", timeout=20, **options)
    answer.raise_for_status()
    return answer.json()


def _items(path):
    return _ask("GET", path)["items"]


def _instances(operation):
    """Those that the operation may be about."""
    found = _items("/instances?limit=200")
    if operation == "streamInstanceLog":
        # The log of one that runs has no end.
        return [each for each in found if each["name"] == ASLEEP]
    if operation in MAIL:
        return [each for each in found if each["name"] == AWAKE]
    if operation in READING:
        return found
    found = [each for each in found if each["name"] not in (ASLEEP, AWAKE)]
    if operation == "removeInstance" and len(found) <= FEW:
        return []
    if operation == "startInstance":
        return [each for each in found if each["status"] == "stopped"] or _stopped(found)
    return found


def _stopped(instances):
    """One of the instances, which is stopped now."""
    if not instances:
        return []
    chosen = chance.choice(instances)
    answer = session.post(f"{URL}/instances/{chosen['id']}/stop", timeout=20)
    if answer.status_code == 202:
        # It ends with the job.
        session.get(f"{URL}/jobs/{answer.json()['id']}/stream", timeout=20)
    return [chosen]


MAIL = ("listMail", "clearMail", "getMail", "getMailAttachment")
READING = ("getInstance", "getInstanceLog", "exportInstanceLog", "previewSettings", "databaseAccess")


def _job(operation):
    found = _instances(operation)
    if operation == "cancelJob" and found:
        name = chance.choice(found)["name"]
        answer = session.post(f"{URL}/instances/{name}/restart", json={"mode": "soft"}, timeout=20)
        if answer.status_code == 202:
            return answer.json()["id"]
    return chance.choice(_items("/jobs?limit=50"))["id"]


def _others(items, *own):
    """The items but for those that the run itself needs."""
    return [each for each in items if not set(own) & set(map(str, each.values()))]


def _servers(operation):
    if operation in ("getServer", "listServerJobs", "validateServer"):
        return _items("/servers")
    spares = [each for each in _items("/servers") if each["name"] in SPARES]
    # One stays, so that there is something left to be prepared.
    return [] if operation == "removeServer" and len(spares) == 1 else spares


def _value(template, operation):
    """An id or a name to go into the path `template`; None for one that is made up."""
    match template.removeprefix("/").split("/"):
        case ["instances", *_]:
            found = _instances(operation)
            return chance.choice(found)[chance.choice(("id", "name"))] if found else None
        case ["servers", *_]:
            found = _servers(operation)
            return chance.choice(found)[chance.choice(("id", "name"))] if found else None
        case ["jobs", *_]:
            return _job(operation)
        case ["tokens", *_]:
            found = _others(_items("/tokens"), "end to end")
        case ["installation", "organisations", *_]:
            found = _others(_items("/installation/organisations"), *HOME)
            return chance.choice(found)["slug"] if found else None
        case ["members", *_]:
            found = _others(_items("/members"), ME)
        case ["invitations" | "strays" as kind, *_]:
            found = _items(f"/{kind}")
        case _:
            return None
    return chance.choice(found)["id"] if found else None


ME = _ask("GET", "/account")["email"]
HOME = {each["slug"] for each in _items("/organisations")} - {"sales", "support"}
# What else would be done to this machine, or to what the run itself needs, or would never end.
GUARDED = (
    "streamInstanceLog", "removeInstance", "prepareServer", "removeServer", "drainServer", "maintainServer",
    "activateServer", "removeMember", "changeMember", "revokeToken", "changeOrganisation", "removeOrganisation",
)


def _send(self, request, send=requests.Session.send, **options):
    """Each request comes from an address of its own: tokens that are none, of which some are sent, lock one out."""
    request.headers["X-Forwarded-For"] = str(ip_address(chance.randrange(10 << 24, 11 << 24)))
    return send(self, request, **options)


requests.Session.send = _send


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = context.operation.definition.raw["operationId"]
    parameters = case.path_parameters or {}
    key = next((key for key in ("ref", "id", "slug") if key in parameters), None)
    if key and (operation in GUARDED or chance.random() < LED):
        value = _value(context.operation.path, operation)
        if value is None and operation in GUARDED:
            value = str(uuid4())
        if value is not None:
            parameters[key] = value
            if "message" in parameters:
                parameters["message"] = "simulated1"
            if "part" in parameters:
                parameters["part"] = "2"
    if isinstance(case.body, dict):
        _lead_body(operation, case.body)


def _lead_body(operation, body):
    if operation == "createInstance" and chance.random() < LED and len(_items("/instances?limit=200")) < MANY:
        body.clear()
        body.update(name=f"fuzz-{chance.randrange(10**9)}", stage=chance.choice(("dev", "staging")))
    settings = body.get("settings", body)
    sources = settings.get("customModules") if isinstance(settings, dict) else None
    for source in sources if isinstance(sources, list) else ():
        # Nothing is fetched from where nobody asked to be fetched from.
        if isinstance(source, dict) and ":" in str(source.get("repository")):
            source["repository"] = NOBODY


@schemathesis.hook
def after_call(context, case, response):
    with Path(SEEN).open("a") as seen:
        seen.write(json.dumps([context.operation.definition.raw["operationId"], response.status_code]) + "\n")
