"""Docker by its command line, as somebody does who has nothing else."""

from measure import processes


def run(*words: str) -> str:
    return processes.run(["docker", *words]).strip()


def remove_all(label: str) -> None:
    """Removes every container, volume and network with that label."""
    listing = ("--quiet", "--filter", f"label={label}")
    if containers := run("ps", "--all", *listing).split():
        run("rm", "--force", "--volumes", *containers)
    if volumes := run("volume", "ls", *listing).split():
        run("volume", "rm", *volumes)
    if networks := run("network", "ls", *listing).split():
        run("network", "rm", *networks)
