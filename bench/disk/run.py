"""What an event takes on disk: in the file of the day on which it arrived, and in that file once the day is over and compacted.

    python bench/disk/run.py [--quick] [--binary target/release/hiveboard]

Each case fills a store of its own, closes it, and opens it with a clock of the next day (libfaketime; on Debian: apt install faketime). The first
event of that day ends the day before, and the server compacts its file in the background. Before and after, the files are closed.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import pathlib
import shutil
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import common
from server import Server, batches, send

sys.path.insert(0, str(common.ROOT / "e2e"))
from harness.clock import faked

#: How events arrive: sizes of batches, connections, agents, events.
CASES = {
    "one at a time": ((1, 1), 1, 50, 20_000),
    "batches of 1-5, one connection": ((1, 5), 1, 50, 40_000),
    "batches of 1-10, each agent its connection": ((1, 10), 200, 200, 60_000),
    "batches of 100": ((100, 100), 4, 200, 200_000),
}
QUICK = 10
DAY_SECONDS = 86_400
PATIENCE_SECONDS = 600


def day_file(folder: pathlib.Path) -> pathlib.Path:
    """The file of the first day."""
    return min(folder.glob("ev-*.db"))


def look(path: pathlib.Path) -> tuple[int, int]:
    """Bytes and blocks of a day file that nobody has open."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as day:
        (blocks,) = day.execute("SELECT count(*) FROM block").fetchone()
    return path.stat().st_size, blocks


def turn_the_day(server: Server) -> None:
    """An event of the next day."""
    tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    event = {"event_id": "tomorrow", "timestamp": tomorrow.isoformat(), "event_type": "heartbeat"}
    body = json.dumps({"envelope": {"agent_id": "tomorrow"}, "events": [event]}).encode()
    send(server, [(1, body)], 1)


def compact(server: Server, path: pathlib.Path) -> float:
    """Waits until another file is in the place of the day's; CPU seconds of the server meanwhile."""
    before, inode = common.process_cpu_seconds(server.pid), path.stat().st_ino
    turn_the_day(server)
    until = time.monotonic() + PATIENCE_SECONDS
    while path.stat().st_ino == inode:
        if time.monotonic() > until:
            raise SystemExit(f"the day was not compacted within {PATIENCE_SECONDS} s")
        time.sleep(0.05)
    return common.process_cpu_seconds(server.pid) - before


def measure(binary: pathlib.Path, case: str, part: int) -> list[str]:
    sizes, connections, agents, events = CASES[case]
    events //= part
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hiveboard-bench-"))
    try:
        server = Server(binary, keep=folder)
        bodies = batches(events, sizes, agents, seed=7)
        send(server, bodies, connections)
        server.stop()
        path = day_file(folder)
        bytes_before, blocks_before = look(path)
        variables = [f"{name}={value}" for name, value in faked(DAY_SECONDS).items()]
        server = Server(binary, keep=folder, under=("env", *variables))
        cpu_seconds = compact(server, path)
        server.stop()
        bytes_after, blocks_after = look(path)
        figures = (bytes_before / events, bytes_after / events, cpu_seconds / events * 1e6)
        return [
            case,
            f"{events:,}",
            f"{blocks_before:,}",
            f"{blocks_after:,}",
            *(f"{figure:.1f}" for figure in figures),
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path, default=common.ROOT / "target" / "release" / "hiveboard")
    parser.add_argument("--quick", action="store_true", help="a tenth of the events")
    arguments = parser.parse_args()
    common.build_tools()
    rows = [measure(arguments.binary, case, QUICK if arguments.quick else 1) for case in CASES]
    head = ["how events arrive", "events", "blocks", "compacted", "bytes/event", "compacted", "CPU µs/event"]
    common.table("A day's file, without the search index and what is derived", head, rows)
    common.save("disk", {"rows": rows})


if __name__ == "__main__":
    main()
