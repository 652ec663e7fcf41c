import pytest

from . import control_plane, engine

# Fast files first, so that what fails, fails early.
ORDER = [
    "test_refusals", "test_attacks", "test_attacks_by_text", "test_attacks_by_address", "test_tls", "test_mail",
    "test_command_line_account", "test_backup", "test_command_line", "test_faults", "test_secrets", "test_instances", "test_filestores",
    "test_mail_catcher", "test_packages", "test_console", "test_servers", "test_workers", "test_crash_points",
]


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than a minute altogether; -m 'not slow' leaves it out")


def pytest_collection_modifyitems(items):
    # Only our own: tests of other folders keep their places.
    places = [index for index, item in enumerate(items) if item.module.__package__ == __package__]
    ours = sorted((items[index] for index in places), key=lambda item: ORDER.index(item.module.__name__.split(".")[-1]))
    for index, item in zip(places, ours):
        items[index] = item


@pytest.fixture(scope="session", autouse=True)
def needed():
    """Fails at once where something is missing without which nothing here can work."""
    for program in ("odeumd", "odeum"):
        assert (control_plane.PROGRAMS / program).exists(), (
            f"{control_plane.PROGRAMS / program} is not there: swift build, or name its folder as ODEUM_BIN")
    for image in ("odoo:19.0", "odoo:14.0", "postgres:17", "postgres:15", "axllent/mailpit:latest"):
        assert engine.inspect_image(image), f"The engine does not have {image}: Lab/up"
    control_plane.remove_leftovers()


@pytest.fixture(scope="module")
def plane(request):
    """A control plane that the tests of one file share, with the file's `SETTINGS` where it has some."""
    settings = getattr(request.module, "SETTINGS", {})
    plane = control_plane.ControlPlane(request.module.__name__.rpartition("test_")[2], **settings)
    try:
        yield plane.start()
    finally:
        plane.destroy()


@pytest.fixture
def new_plane():
    """Makes control planes for one test, not started yet."""
    made = []

    def make(name, **settings):
        made.append(control_plane.ControlPlane(name, **settings))
        return made[-1]

    yield make
    for plane in made:
        plane.destroy()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    item.log_sizes = {plane: plane.log_size() for plane in control_plane.living}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for plane in control_plane.living:
            text = plane.log_since(getattr(item, "log_sizes", {}).get(plane, 0))
            report.sections.append((f"odeumd of “{plane.name}” in this test", text or "(it logged nothing)"))
