"""How long something takes."""

from __future__ import annotations

import time
from collections.abc import Callable


def microseconds_of(work: Callable[[], object], times: int = 100, rounds: int = 20) -> float:
    """The best of many rounds: the machine's worst moments are not the work's."""
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(times):
            work()
        best = min(best, (time.perf_counter() - started) / times)
    print(f"{best * 1e6:.1f} µs")
    return best * 1e6
