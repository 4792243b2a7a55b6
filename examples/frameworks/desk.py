"""What the agents share: a model provider of their own, and moods."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field

# The provider on loopback that the integrations' tests use as well.
from loopback import Provider


@dataclass
class Desk:
    """One agent's place.

    Args:
        random: Its moods.
        stopped: Set when the fleet ends.
        speed: Story seconds in one real second.
    """

    random: random.Random
    stopped: threading.Event
    speed: float
    models: Provider = field(default_factory=lambda: Provider(version=""))

    def pause(self, least_seconds: float, most_seconds: float) -> None:
        """Waits, less if the fleet ends."""
        self.stopped.wait(self.random.uniform(least_seconds, most_seconds) / self.speed)

    def chance(self, share: float) -> bool:
        """Whether something happens that happens this often."""
        return self.random.random() < share
