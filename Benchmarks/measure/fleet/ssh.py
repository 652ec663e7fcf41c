"""A command over a connection that stands, beside `ssh` over a master of its own."""

from measure import places, processes
from measure.figures import Figure, Figures, median, note
from measure.fleet import simulated
from measure.places import BENCH_PROGRAMS

ROUNDS = 3
COMMANDS = 200


def measure(figures: Figures) -> None:
    note(f"fleet: {ROUNDS} times {COMMANDS} commands over SSH")
    ratios, seen = [], []
    with simulated.running(1) as servers, places.folder("key") as folder:
        [host] = servers
        key = folder / "key"
        processes.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key])
        host.let_in((folder / "key.pub").read_text())
        words = [host.address, str(host.port), "root", key, host.folder / "host_key.pub", str(COMMANDS)]
        for _ in range(ROUNDS):
            said = processes.run([BENCH_PROGRAMS / "ssh-bench", *words])
            pairs = [tuple(map(int, line.split())) for line in said.splitlines()]
            ours, theirs = (median(pair[who] for pair in pairs) / 1e6 for who in (0, 1))
            ratios.append(ours / theirs)
            seen.append((ours, theirs))
    ours, theirs = (median(pair[who] for pair in seen) for who in (0, 1))
    text = f"odeum {ours:.1f} ms, ssh {theirs:.1f} ms, in the middle of {COMMANDS}"
    figures.add(Figure("fleet.ssh", median(ratios), "x plain ssh", text, at_most=2))
