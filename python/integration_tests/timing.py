"""How long something takes."""

from __future__ import annotations

import time
from collections.abc import Callable

# What an integration may cost beside the framework is 20 µs, on a machine that does nothing else; this one may be
# shared.
BOUND_MICROSECONDS = 40


def microseconds_of(work: Callable[[], object], times: int = 100, rounds: int = 20) -> float:
    """The best of many rounds: what else the machine does is not the work's."""
    best = float("inf")
    for _ in range(rounds):
        started = time.thread_time()
        for _ in range(times):
            work()
        best = min(best, (time.thread_time() - started) / times)
    print(f"{best * 1e6:.1f} µs")
    return best * 1e6
