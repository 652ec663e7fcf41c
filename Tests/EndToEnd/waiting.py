"""Waiting for something to become so, with a bound and a message that says what was seen last."""

import time


def until(what, look, within, every=0.05):
    """Calls `look` until it gives something true, and returns that.

    What it raises counts as "not yet", but for the assertions of a test. After `within` seconds the test fails and
    says `what` was waited for and what was seen last.
    """
    end = time.monotonic() + within
    while True:
        try:
            seen = look()
            if seen:
                return seen
        except AssertionError:
            raise
        except Exception as error:  # noqa: BLE001 - shown below where it lasts
            seen = f"{type(error).__name__}: {error}"
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {within} s; seen last: {seen!r}")
        time.sleep(every)
