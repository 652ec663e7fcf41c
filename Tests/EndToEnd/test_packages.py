"""Debian and Python packages: an image with them is built, and nothing of it outlives those who need it."""

import pytest

from . import engine

pytestmark = pytest.mark.slow

NAME = "packed"


@pytest.fixture(scope="module")
def packed(plane):
    plane.api.succeeded(plane.api.create(NAME, stage="dev")["job"]["id"])
    return plane.api


def images(plane):
    """The images of this installation."""
    return {each["Id"]: each["RepoTags"] or [] for each in engine.images({"odeum.installation": plane.installation})}


def restarted(api):
    return api.finished(api.restart(NAME, "hard")["id"], within=600)


def test_packages_are_there_after_a_hard_restart(plane, packed):
    packed.change(NAME, packages={"odoo": ["figlet"], "python": ["iniconfig"]})
    ended = restarted(packed)
    assert ended["state"] == "succeeded", ended["reason"]
    assert engine.run_in(f"odeum-{NAME}", "figlet", "-v").startswith("FIGlet")
    assert "iniconfig" in engine.run_in(f"odeum-{NAME}", "python3", "-c", "import iniconfig; print(iniconfig)")
    assert [tag.split(":")[0] for tags in images(plane).values() for tag in tags] == ["odeum-packages"]


def test_a_build_that_fails_half_way_leaves_nothing_behind(plane, packed):
    before = images(plane)
    packed.change(NAME, packages={"odoo": ["toilet"], "python": ["no-such-package-of-odeum"]})
    ended = restarted(packed)
    assert ended["state"] == "failed" and "no-such-package-of-odeum" in ended["reason"]
    assert images(plane) == before


def test_images_that_nobody_needs_any_more_go(plane, packed):
    packed.change(NAME, packages={"odoo": [], "python": ["iniconfig"]})
    ended = restarted(packed)
    assert ended["state"] == "succeeded", ended["reason"]
    packed.succeeded(packed.remove(NAME)["id"])
    assert images(plane) == {}
