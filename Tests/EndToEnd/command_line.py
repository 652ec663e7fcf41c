"""The command line `odeum`."""

import json
import os
import subprocess
from dataclasses import dataclass


@dataclass
class Result:
    """How one call of the command line ended."""

    words: tuple
    status: int
    out: str
    err: str

    @property
    def next(self):
        """What the command says to do next, None where it says nothing."""
        said = [line for line in self.err.splitlines() if line.startswith("Next:")]
        return said[0] if said else None

    def __str__(self):
        return f"odeum {' '.join(self.words)} ended with {self.status}\n-- out\n{self.out}\n-- err\n{self.err}"


class CommandLine:
    """`odeum` against one control plane, as one person; without both, against what it remembers in `home`."""

    def __init__(self, program, url=None, token=None, home="/nonexistent"):
        self._program = program
        self._environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
        if url:
            self._environment |= {"ODEUM_URL": url, "ODEUM_TOKEN": token}

    def start(self, *words, **options):
        """Starts a command that runs on; the caller ends it."""
        return subprocess.Popen(
            [self._program, *words], env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, **options)

    def attempt(self, *words, within=300, given=""):
        """Runs a command to its end, whatever its status. `given` is what it can read from its standard input."""
        ended = subprocess.run(
            [self._program, *words], env=self._environment, input=given, capture_output=True, text=True, timeout=within)
        return Result(words, ended.returncode, ended.stdout, ended.stderr)

    def run(self, *words, within=300, given=""):
        """Runs a command, which must succeed."""
        result = self.attempt(*words, within=within, given=given)
        assert result.status == 0, str(result)
        return result

    def json(self, *words, within=300, given=""):
        """Runs a command with `--json` and returns what it wrote, read."""
        result = self.run(*words, "--json", within=within, given=given)
        try:
            return json.loads(result.out)
        except ValueError:
            raise AssertionError(f"This is no JSON.\n{result}") from None
