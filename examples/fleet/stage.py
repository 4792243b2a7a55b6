"""The stage every worker stands on: story time, dice, and the signal to finish."""

from __future__ import annotations

import random
import threading
import time
import uuid


class Stage:
    """Story time for one process.

    Workers speak in *story seconds*; `speed` says how many of them pass in one
    real second. Each worker throws its own dice, seeded by its name, so that a
    seed tells the same story whatever the threads do to each other.

    Args:
        speed: Story seconds per real second, above 0.
        seed: The story's number; the same seed gives the same jobs and moods.
    """

    def __init__(self, speed: float, seed: int) -> None:
        self.speed = speed
        self.seed = seed
        # Two shows with one seed use the same task ids; their runs must not be mixed up.
        self.show_id = uuid.uuid4().hex[:8]
        self.closing = threading.Event()
        self._opened_at = time.monotonic()

    def now_seconds(self) -> float:
        """Story seconds since the curtain rose."""
        return (time.monotonic() - self._opened_at) * self.speed

    def real_seconds(self, story_seconds: float) -> float:
        """How long the given story time lasts on a clock on the wall."""
        return story_seconds / self.speed

    def wait(self, story_seconds: float) -> float:
        """Lets story time pass and returns the real seconds it took.

        Once the show closes it returns at once: workers then finish what they
        have in hand without delay, so that no task is left open or made to fail.
        """
        started = time.monotonic()
        self.closing.wait(self.real_seconds(story_seconds))
        return time.monotonic() - started

    def dice(self, name: str) -> random.Random:
        """A source of chance that belongs to `name` alone."""
        return random.Random(f"{self.seed}:{name}")
