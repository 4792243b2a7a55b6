"""What something costs, in a unit that holds on any machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

# What an integration may cost beside the framework is 20 µs where `json.dumps` of an event takes 4.9: four of them.
# Twice that is accepted on a machine that does other things, too.
BOUND_DUMPS = 8

EVENT = {
    "event_id": "5f0c6f0e-6e0b-4e43-9d3e-3b8d2f9f6a10",
    "timestamp": "2026-11-22T12:00:00.000000Z",
    "event_type": "custom",
    "agent_id": "support-triage",
    "task_id": "ticket-4711",
    "payload": {
        "kind": "llm_call",
        "summary": "a question that is as long as questions are " * 5,
        "data": {"name": "reason", "model": "claude-sonnet-4", "tokens_in": 1500, "tokens_out": 200, "cost": 0.0075},
    },
}


def dumps_of(work: Callable[[], object]) -> float:
    """How many `json.dumps` of an event the work costs."""
    cost, unit = _best_seconds(work), _best_seconds(lambda: json.dumps(EVENT))
    print(f"{cost * 1e6:.1f} µs, {cost / unit:.1f} json.dumps")
    return cost / unit


def _best_seconds(work: Callable[[], object], times: int = 100, rounds: int = 20) -> float:
    """The best of many rounds: what else the machine does is not the work's."""
    best = float("inf")
    for _ in range(rounds):
        started = time.thread_time()
        for _ in range(times):
            work()
        best = min(best, (time.thread_time() - started) / times)
    return best
