"""Instructions an event costs in decode, fold, append, and in all that follows from it, counted by callgrind: the same on any machine.

python bench/instructions.py            compares with bench/instructions.json; fails when a count grew by over 10 %
python bench/instructions.py --write    measures anew and writes the file
python bench/instructions.py --server BINARY…
                                        counts whole servers under load: minutes each, and not to the last percent, since who shares a
                                        commit differs from run to run; the kernel's part is not in it
"""

from __future__ import annotations

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import common
from server import Server, batches, send

COMMITTED = common.ROOT / "bench" / "instructions.json"
#: part: events. Enough that what happens once does not weigh.
PARTS = {
    "scan": 2_000,
    "decode": 4_000,
    "fold": 6_000,
    "append": 10_000,
    "append-small": 4_000,
    "append-tables": 10_000,
    "append-small-tables": 4_000,
    "rows": 40_000,
    "insights": 20_000,
    "search": 30_000,
}
MOST_GROWTH = 1.10
#: sizes of batches, connections, and two numbers of events: what the second costs more than the first is that of the events between.
LOADS = {
    "server, batches of 100": ((100, 100), 4, 10_000, 40_000),
    "server, batches of 1-10": ((1, 10), 50, 2_000, 8_000),
}
AGENTS = 200


def callgrind() -> str:
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise SystemExit("valgrind is missing: install it (on Debian: apt install valgrind)")
    return valgrind


def count(part: str, events: int) -> float:
    """Instructions an event of one part."""
    command = [
        callgrind(),
        "--tool=callgrind",
        "--collect-atstart=no",
        "--toggle-collect=*measured*",
        "--callgrind-out-file=/dev/null",
        str(common.tool("hiveboard-costs")),
        part,
        str(events),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    measured = re.search(r": (\d+) events", done.stdout)
    if done.returncode != 0 or collected is None or measured is None:
        raise SystemExit(f"callgrind of {part} failed:\n{done.stdout}\n{done.stderr[-2000:]}")
    return int(collected[1]) / int(measured[1])


def of_server(binary: pathlib.Path, sizes: tuple[int, int], connections: int, events: int) -> int:
    """Instructions of a whole server from its start to its end, all its threads."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "log"
        under = (callgrind(), "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--log-file={log}")
        server = Server(binary, under=under)
        try:
            send(server, batches(events, sizes, AGENTS, seed=7), connections)
            server.stop()
        finally:
            server.discard()
        collected = re.search(r"Collected : (\d+)", log.read_text())
        if collected is None:
            raise SystemExit(f"callgrind of {binary} failed:\n{log.read_text()[-2000:]}")
        return int(collected[1])


def servers(binaries: list[pathlib.Path]) -> None:
    rows = []
    for load, (sizes, connections, few, many) in LOADS.items():
        for binary in binaries:
            counted = [of_server(binary, sizes, connections, events) for events in (few, many)]
            rows.append([load, str(binary), f"{(counted[1] - counted[0]) / (many - few):,.0f}"])
    common.table("Instructions an event of whole servers (callgrind)", ["load", "binary", "instructions"], rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="measure anew and write the file")
    parser.add_argument("--server", type=pathlib.Path, nargs="+", default=[], help="count whole servers instead")
    arguments = parser.parse_args()
    common.build_tools()
    if arguments.server:
        servers(arguments.server)
        return 0
    committed = {} if arguments.write else json.loads(COMMITTED.read_text(encoding="utf-8"))
    uncommitted = [part for part in PARTS if not arguments.write and part not in committed]
    counted = {part: round(count(part, events)) for part, events in PARTS.items() if part not in uncommitted}
    if arguments.write:
        COMMITTED.write_text(json.dumps(counted, indent=2) + "\n", encoding="utf-8")
        print(f"{COMMITTED.relative_to(common.ROOT)}: {counted}")
        return 0
    rows, grown = [], 0
    for part, now in counted.items():
        too_many = now > committed[part] * MOST_GROWTH
        grown += too_many
        rows.append(
            [
                part,
                f"{now:,}",
                f"{committed[part]:,}",
                f"{now / committed[part] - 1:+.1%}",
                "GREW" if too_many else "ok",
            ]
        )
    common.table("Instructions an event (callgrind)", ["part", "now", "committed", "change", ""], rows)
    if uncommitted:
        print(
            f"\nNot compared, for no count is committed: {', '.join(uncommitted)}. python3 bench/instructions.py --write commits one."
        )
    print(f"\n{len(rows) - grown} passed, {grown} failed")
    if grown:
        print("A part costs over 10 % more than committed. If that is meant: python3 bench/instructions.py --write")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
