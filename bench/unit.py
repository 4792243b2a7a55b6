"""The unit that costs are told in: what Python's `json.loads` costs for the same events, measured beside the load all the while.

    with JsonLoads(bodies) as unit:
        …
    micros = unit.micros_per_event

Machines differ by a factor of two from hour to hour, and CPU time with them; a process that works 10 ms of every 50 beside the load
meets the same hour.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import tempfile
import time

WORK_SECONDS = 0.010
REST_SECONDS = 0.040
SAMPLE_EVENTS = 2_000


class JsonLoads:
    """Runs the measuring process while the block runs."""

    def __init__(self, bodies: list[bytes]) -> None:
        events: list[str] = []
        for body in bodies:
            events += [
                json.dumps(event, separators=(",", ":"), ensure_ascii=False) for event in json.loads(body)["events"]
            ]
            if len(events) >= SAMPLE_EVENTS:
                break
        # Lives as long as the clock that reads it.
        self._file = tempfile.NamedTemporaryFile("w", suffix=".ndjson", encoding="utf-8")  # noqa: SIM115
        self._file.write("\n".join(events[:SAMPLE_EVENTS]))
        self._file.flush()
        self.micros_per_event = 0.0

    def __enter__(self) -> JsonLoads:
        command = [sys.executable, __file__, self._file.name]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._process.stdout.readline()  # it has started to measure
        self.pid = self._process.pid
        return self

    def __exit__(self, *_: object) -> None:
        out, _err = self._process.communicate("stop\n")
        self.micros_per_event = float(out.split()[-1])
        self._file.close()


def measure(path: str) -> None:
    """The measuring process: reads until its input ends, then prints microseconds of CPU an event."""
    import select

    events = pathlib.Path(path).read_text(encoding="utf-8").split("\n")
    spent_ns, count, at = 0, 0, 0
    for event in events:
        json.loads(event)  # warm, as in any process that reads JSON all day
    print("measuring", flush=True)
    while not select.select([sys.stdin], [], [], REST_SECONDS)[0] or count == 0:
        begun, until = time.process_time_ns(), time.perf_counter() + WORK_SECONDS
        while time.perf_counter() < until:
            for _ in range(20):
                json.loads(events[at])
                at = (at + 1) % len(events)
            count += 20
        spent_ns += time.process_time_ns() - begun
    print(spent_ns / count / 1000)


if __name__ == "__main__":
    measure(sys.argv[1])
