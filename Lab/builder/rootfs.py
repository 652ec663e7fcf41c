"""Makes a Debian root file system with mmdebstrap and hands it on as a stream of tar."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from machine import Machine
from progress import BuildFailed, Progress
from recipe import Debian

CHUNK = 1 << 20

# Nobody reads these in a container, and every pull carries them. C.UTF-8 is part of the C library's own files.
NEVER_NEEDED = [
    "/usr/share/doc/*",
    "/usr/share/info/*",
    "/usr/share/lintian/*",
    "/usr/share/locale/*",
    "/usr/share/man/*",
    "/usr/share/i18n/locales/*",
]

# mmdebstrap says what it does in lines that begin with "I: "; these are the long parts.
MILESTONES = {
    "downloading packages": "downloading the base system",
    "extracting archives": "unpacking the base system",
    "installing remaining packages": "downloading and installing packages",
    "creating tarball": "packing the file system",
}


@contextmanager
def stream(debian: Debian, machine: Machine, workshop: Path, progress: Progress) -> Iterator[Iterator[bytes]]:
    """The file system as tar, in pieces. Leaving the block after an incomplete build throws BuildFailed."""
    log = workshop / f"{debian.folder.parent.name}.log"
    process = subprocess.Popen(
        command(debian, machine),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=machine.environment | {"TMPDIR": str(workshop)},
    )
    listener = threading.Thread(target=listen, args=(process.stderr, log, progress))
    listener.start()

    def pieces() -> Iterator[bytes]:
        while piece := process.stdout.read(CHUNK):
            yield piece
        # Before the last piece is taken for the end: a build that failed must not become a layer.
        if process.wait() != 0:
            listener.join()
            raise BuildFailed(f"mmdebstrap failed:\n{last_lines(log)}\nThe whole log is in {log}.")

    try:
        yield pieces()
    finally:
        if process.poll() is None:
            process.terminate()
        process.stdout.close()
        process.wait()
        listener.join()


def command(debian: Debian, machine: Machine) -> list[str]:
    # Namespaces of its own: whatever ends this program, even SIGKILL, ends the build with all its processes, and with
    # them go the mounts of /proc, /sys and /dev that the build made. So the next run can remove the folder safely.
    words = ["setpriv", "--pdeathsig", "KILL"]
    words += ["unshare", "--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--mount-proc"]
    words += ["mmdebstrap", "--mode=root", "--variant=apt", "--format=tar", "--skip=output/dev"]
    words += [f"--architectures={machine.architecture}", f"--keyring={machine.keyring}"]
    # An old suite's index may have expired; its signature is checked all the same.
    for option in ('Acquire::Check-Valid-Until "false"', 'Acquire::Languages "none"',
                   'APT::Install-Recommends "false"', 'APT::Get::Assume-Yes "true"'):
        words.append(f"--aptopt={option}")
    words.append("--dpkgopt=force-unsafe-io")
    words += [f"--dpkgopt={rule}" for rule in path_rules(debian.exclude)]
    words.append(f"--include={','.join(debian.packages)}")
    if debian.pinned:
        rules = "".join(
            f"Package: *\\nPin: release n={suite}\\nPin-Priority: {priority}\\n\\n"
            for suite, priority in debian.pinned.items()
        )
        place = '"$1/etc/apt/preferences.d/lab"'
        words.append(f'--setup-hook=mkdir -p "$(dirname {place})" && printf "{rules}" >{place}')
    if before := debian.hook("before-packages"):
        words.append(f"--essential-hook={before}")
    for authority in machine.authorities:
        words.append(f'--essential-hook=install -D -m 644 "{authority}" "$1{authority}"')
    if after := debian.hook("after-packages"):
        words.append(f"--customize-hook={after}")
    words += [debian.suites[0], "-"]
    # Only the suites themselves: the archives of security updates drop packages that their index still names.
    for suite in [*debian.suites, *debian.pinned]:
        words.append(f"deb [signed-by={machine.keyring}] {machine.mirror} {suite} main")
    return words


def path_rules(exclude: list[str]) -> list[str]:
    """dpkg's path rules; a line of a recipe that begins with + is put back in."""
    rules = []
    for pattern in NEVER_NEEDED + exclude:
        kind = "include" if pattern.startswith("+") else "exclude"
        rules.append(f"path-{kind}={pattern.removeprefix('+')}")
    return rules


def listen(errors, log: Path, progress: Progress) -> None:
    with open(log, "wb") as file:
        for line in errors:
            file.write(line)
            text = line.decode(errors="replace").strip()
            for beginning, meaning in MILESTONES.items():
                if text.startswith(f"I: {beginning}"):
                    progress.say(meaning)


def last_lines(log: Path, count: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
