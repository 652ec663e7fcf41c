"""All suites in Python: in which order they begin, and which tests stay together where two processes go through them
(`--numprocesses 2 --dist loadgroup --no-loadscope-reorder`)."""

import pytest

# Fast ones first, so that what fails, fails early. A group shares what is dear to make: a control plane, a stage, lab
# servers.
GROUPS = [
    "API", "EndToEnd.test_refusals", "EndToEnd.test_attacks", "EndToEnd.test_attacks_by_text",
    "EndToEnd.test_attacks_by_address", "EndToEnd.test_tls", "EndToEnd.test_mail", "Browser", "EndToEnd.test_backup",
    "EndToEnd.test_faults", "EndToEnd.test_secrets", "EndToEnd.test_instances", "EndToEnd.test_mail_catcher",
    "EndToEnd.test_console", "EndToEnd.test_servers", "EndToEnd.test_workers", "EndToEnd.test_crash_points", "Chaos",
]


def group(item):
    module = item.module.__name__
    folder = module.partition(".")[0]
    return module if folder == "EndToEnd" else folder


# Before the hook of xdist, which reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group(item)))
    items.sort(key=lambda item: GROUPS.index(group(item)))
