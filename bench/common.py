"""What all benchmarks share: CPU time of a process, a guard on contention, tables, results on disk."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def tool(name: str) -> pathlib.Path:
    """A release binary of this repository."""
    return TARGET / "release" / name


def build_tools() -> None:
    """Builds what makes input and measures parts; the server itself is built by `make build`."""
    command = ["cargo", "build", "--release", "--quiet", "-p", "hiveboard-fleet", "-p", "hiveboard-costs"]
    subprocess.run(command, cwd=ROOT, check=True)


def disk_bytes(folder: pathlib.Path) -> int:
    """Sizes of all files below a folder. An engine that is running removes some meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total


def process_cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads, seconds, from /proc."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def resident_mb(pid: int) -> float:
    """Resident memory of a process, MiB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the process has no resident memory")


class Contention:
    """How much of the machine others used during a run: busy time of all cores less that of the given processes."""

    def __init__(self, pids: list[int]) -> None:
        self._pids = pids
        self._start = self._read()

    def _read(self) -> tuple[float, float, float]:
        fields = [int(part) for part in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
        idle = fields[3] + fields[4]
        busy = (sum(fields[:8]) - idle) / TICKS_PER_SECOND
        own = sum(process_cpu_seconds(pid) for pid in self._pids)
        return busy, own, time.monotonic()

    def share(self) -> float:
        """Others' part of all cores since the start, 0 to 1."""
        busy, own, now = self._read()
        cores = os.cpu_count() or 1
        span = (now - self._start[2]) * cores
        return max(0.0, (busy - self._start[0]) - (own - self._start[1])) / span if span else 0.0


def table(title: str, head: list[str], rows: list[list[str]]) -> None:
    """Prints a table with right-aligned figures."""
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(len(head))]
    print(f"\n{title}")
    for row in [head, ["-" * width for width in widths], *rows]:
        first, rest = (
            row[0].ljust(widths[0]),
            (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=False)),
        )
        print("  ".join([first, *rest]))


def commit() -> str:
    """The commit that was measured, with `+` when the tree had changes."""

    def run(*args: str) -> str:
        return subprocess.run(
            ["git", "-C", str(ROOT), *args], capture_output=True, text=True, check=False
        ).stdout.strip()

    return (run("rev-parse", "--short", "HEAD") or "none") + ("+" if run("status", "--porcelain", "-uno") else "")


def save(name: str, figures: dict[str, object]) -> pathlib.Path:
    """Writes figures to bench/results, by date and commit, so that a trend shows."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    path = RESULTS / f"{name}-{stamp}-{commit().rstrip('+')}.json"
    path.write_text(json.dumps({"commit": commit(), "at": stamp, **figures}, indent=2) + "\n")
    return path
