"""All suites in Python, run by two processes side by side (`--numprocesses 2 --dist loadgroup --no-loadscope-reorder`):
which tests stay together, and in which order the groups begin."""

import pytest

# What takes longest begins first and keeps one process busy. The other one goes through what is fast, so that what fails
# fails early, then through what takes long, so that both end at about the same time. A group shares what is dear to make:
# a control plane, a stage, lab servers.
GROUPS = [
    "EndToEnd.test_crash_points", "API", "EndToEnd.test_refusals", "EndToEnd.test_attacks",
    "EndToEnd.test_attacks_by_text", "EndToEnd.test_attacks_by_address", "EndToEnd.test_tls", "EndToEnd.test_mail",
    "EndToEnd.test_servers", "Chaos", "Browser", "EndToEnd.test_backup", "EndToEnd.test_faults", "EndToEnd.test_secrets",
    "EndToEnd.test_instances", "EndToEnd.test_mail_catcher", "EndToEnd.test_console", "EndToEnd.test_workers",
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
