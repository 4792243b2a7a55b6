"""Work as it arrives: jobs, and the inbox they wait in."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

VISIBLE_ITEMS = 10


@dataclass
class Job:
    """One piece of work, from its arrival to its end."""

    task_id: str
    summary: str
    mood: str
    priority: str = "normal"
    source: str = "webhook"
    detail: dict[str, Any] = field(default_factory=dict)
    correlation_id: str | None = None
    arrives_at_seconds: float = 0.0
    attempt: int = 1
    done: threading.Event = field(default_factory=threading.Event)


class Inbox:
    """A bounded-by-time queue: jobs appear when their story time has come.

    Args:
        arrivals: Endless jobs in order of `arrives_at_seconds`.
        most_waiting: How many may wait; while it is full nothing more arrives.
    """

    def __init__(self, arrivals: Iterator[Job], most_waiting: int) -> None:
        self._arrivals = arrivals
        self._most_waiting = most_waiting
        self._upcoming = next(arrivals)
        self._waiting: list[Job] = []
        self._lock = threading.Lock()

    def hand_in(self, job: Job) -> None:
        """A colleague's job: goes to the front."""
        with self._lock:
            self._waiting.insert(0, job)

    def take(self, now_seconds: float) -> Job | None:
        """The next job, or None while there is nothing to do."""
        with self._lock:
            self._deliver(now_seconds)
            return self._waiting.pop(0) if self._waiting else None

    def snapshot(self, now_seconds: float, speed: float) -> dict[str, Any]:
        """The queue as a HiveLoop `queue_provider` reports it."""
        with self._lock:
            self._deliver(now_seconds)
            oldest = max((now_seconds - job.arrives_at_seconds for job in self._waiting), default=0.0)
            return {
                "depth": len(self._waiting),
                "oldest_age_seconds": round(max(oldest, 0.0) / speed),
                "items": [_item(job, now_seconds, speed) for job in self._waiting[:VISIBLE_ITEMS]],
            }

    def _deliver(self, now_seconds: float) -> None:
        while self._upcoming.arrives_at_seconds <= now_seconds:
            if len(self._waiting) >= self._most_waiting:
                return
            self._waiting.append(self._upcoming)
            self._upcoming = next(self._arrivals)


def _item(job: Job, now_seconds: float, speed: float) -> dict[str, Any]:
    age_seconds = max(now_seconds - job.arrives_at_seconds, 0.0) / speed
    queued_at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age_seconds)
    return {
        "id": job.task_id,
        "priority": job.priority,
        "source": job.source,
        "summary": job.summary,
        "queued_at": queued_at.isoformat(timespec="seconds"),
    }
