"""Instructions an event costs in decode, fold and append, counted by callgrind: the same on any machine.

    python bench/instructions.py            compares with bench/instructions.json; fails when a count grew by over 10 %
    python bench/instructions.py --write    measures anew and writes the file
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys

import common

COMMITTED = common.ROOT / "bench" / "instructions.json"
#: part: events. Enough that what happens once does not weigh.
PARTS = {"scan": 2_000, "decode": 4_000, "fold": 6_000, "append": 10_000, "append-small": 4_000, "append-tables": 10_000, "append-small-tables": 4_000}
MOST_GROWTH = 1.10


def count(part: str, events: int) -> float:
    """Instructions an event of one part."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise SystemExit("valgrind is missing: install it (on Debian: apt install valgrind)")
    command = [
        valgrind, "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*measured*", "--callgrind-out-file=/dev/null",
        str(common.tool("hiveboard-costs")), part, str(events),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    measured = re.search(r": (\d+) events", done.stdout)
    if done.returncode != 0 or collected is None or measured is None:
        raise SystemExit(f"callgrind of {part} failed:\n{done.stdout}\n{done.stderr[-2000:]}")
    return int(collected[1]) / int(measured[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="measure anew and write the file")
    arguments = parser.parse_args()
    common.build_tools()
    counted = {part: round(count(part, events)) for part, events in PARTS.items()}
    if arguments.write:
        COMMITTED.write_text(json.dumps(counted, indent=2) + "\n", encoding="utf-8")
        print(f"{COMMITTED.relative_to(common.ROOT)}: {counted}")
        return 0
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    rows, grown = [], 0
    for part, now in counted.items():
        too_many = now > committed[part] * MOST_GROWTH
        grown += too_many
        rows.append([part, f"{now:,}", f"{committed[part]:,}", f"{now / committed[part] - 1:+.1%}", "GREW" if too_many else "ok"])
    common.table("Instructions an event (callgrind)", ["part", "now", "committed", "change", ""], rows)
    print(f"\n{len(rows) - grown} passed, {grown} failed")
    if grown:
        print("A part costs over 10 % more than committed. If that is meant: python3 bench/instructions.py --write")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
