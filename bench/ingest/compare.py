"""Two or more servers in turn, on empty stores: by how much one costs less than another, whatever else the machine does.

    python bench/ingest/compare.py BINARY BINARY… [--rounds 5] [--events 60000]

Each round measures every binary once, right after one another, with batches of 100 and of 1-10 as `run.py` sends them; a ratio is that of
two measurements of one round, and the median of all rounds is printed.
"""

from __future__ import annotations

import argparse
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import common
from run import SHAPES
from server import Server, batches, send
from unit import JsonLoads


def measure(binary: pathlib.Path, shape: str, events: int) -> tuple[float, float, float]:
    """Microseconds of CPU an event, the same in units, and MiB."""
    _, sizes, agents, connections, _, _ = SHAPES[shape]
    bodies = batches(events, sizes, agents, seed=time.time_ns() % 1_000_000)
    warm = max(1, len(bodies) // 10)
    server = Server(binary)
    try:
        send(server, bodies[:warm], connections)
        counted = bodies[warm:]
        with JsonLoads([body for _, body in counted[:200]]) as unit:
            before = common.process_cpu_seconds(server.pid)
            send(server, counted, connections)
            cpu = common.process_cpu_seconds(server.pid) - before
        micros = cpu / sum(size for size, _ in counted) * 1e6
        return micros, micros / unit.micros_per_event, common.resident_mb(server.pid)
    finally:
        server.discard()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binaries", type=pathlib.Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=60_000, help="of batches of 100; a fifth of it in small batches")
    arguments = parser.parse_args()
    common.build_tools()
    rows: list[list[str]] = []
    for shape, (_, (_, largest), *_) in SHAPES.items():
        events = arguments.events if largest == 100 else arguments.events // 5
        found: dict[pathlib.Path, list[tuple[float, float, float]]] = {binary: [] for binary in arguments.binaries}
        for _ in range(arguments.rounds):
            for binary, runs in found.items():
                runs.append(measure(binary, shape, events))
        first = found[arguments.binaries[0]]
        for binary, runs in found.items():
            middle = [statistics.median(run[place] for run in runs) for place in range(3)]
            ratio = statistics.median(run[0] / other[0] for run, other in zip(runs, first, strict=False))
            rows.append(
                [f"{shape}: {binary}", f"{middle[0]:.1f}", f"{middle[1]:.2f}", f"{ratio:.3f}", f"{middle[2]:.0f}"]
            )
    head = ["whole server, empty store", "CPU µs/event", "json.loads", "of the first", "memory MB"]
    common.table(f"Servers in turn, {arguments.rounds} rounds, medians", head, rows)


if __name__ == "__main__":
    main()
