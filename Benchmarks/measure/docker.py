"""Docker by its command line, as somebody does who has nothing else."""

import time

from measure import processes


def run(*words: str) -> str:
    return processes.run(["docker", *words]).strip()


def moment(event: str, container: str, since: float) -> float:
    """When the event last came to a container, in seconds since 1970."""
    told = run(
        "events", "--since", f"{since:.6f}", "--until", f"{time.time():.6f}", "--filter", f"container={container}",
        "--filter", f"event={event}", "--format", "{{.TimeNano}}",
    )  # fmt: skip
    return int(told.split()[-1]) / 1e9


def remove_all(label: str) -> None:
    """Removes every container, volume and network with that label."""
    listing = ("--quiet", "--filter", f"label={label}")
    if containers := run("ps", "--all", *listing).split():
        run("rm", "--force", "--volumes", *containers)
    if volumes := run("volume", "ls", *listing).split():
        run("volume", "rm", *volumes)
    if networks := run("network", "ls", *listing).split():
        run("network", "rm", *networks)
