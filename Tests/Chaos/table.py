"""What came of a run, a line for each round and a table at the end."""

from statistics import median

from .round import Result


def line(number: int, of: int, result: Result, title: str) -> str:
    """One round in one line."""
    head = f"{number:>{len(str(of))}}/{of}  seed {result.seed:<6} {title:<30}"
    if result.error is None:
        recovered = ", ".join(f"{seconds:.1f} s" for _, seconds in result.recoveries)
        return f"{head} recovered in {recovered} (round {result.seconds:.0f} s)"
    said = str(result.error).splitlines() or [type(result.error).__name__]
    return f"{head} FAILED: {said[0][:300]}\n{'':>8}again: make chaos ROUNDS=1 SEED={result.seed}"


def table(results: list[tuple[str, Result]]) -> str:
    """Rounds and times of each row. A round that failed counts for the row of its fault."""
    rows: dict[str, list[float]] = {}
    rounds: dict[str, int] = {}
    for title, result in results:
        for row, seconds in result.recoveries:
            rows.setdefault(row, []).append(seconds)
            rounds[row] = rounds.get(row, 0) + 1
        if result.error is not None:
            row = result.recoveries[-1][0] if result.recoveries else title
            # Whatever it had reached, it has not recovered.
            if result.recoveries:
                rows[row].pop()
            else:
                rounds[row] = rounds.get(row, 0) + 1
                rows.setdefault(row, [])
    width = max([len(row) for row in rows] + [5])
    lines = [f"{'fault':<{width}}  rounds  recovered   median    worst"]
    for row in sorted(rows):
        times = rows[row]
        figures = f"{median(times):7.1f}s {max(times):7.1f}s" if times else f"{'-':>8} {'-':>8}"
        lines.append(f"{row:<{width}}  {rounds[row]:>6}  {len(times):>9}  {figures}")
    return "\n".join(lines)
