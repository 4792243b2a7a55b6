"""The language models the fleet pretends to call: prices and tempo."""

from __future__ import annotations

import random
from dataclasses import dataclass

CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True)
class Model:
    """One model. Prices in USD per 1,000 tokens, tempo in seconds."""

    name: str
    price_in: float
    price_out: float
    first_token_seconds: float
    tokens_per_second: float

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """The price of one call in USD."""
        return round(tokens_in / 1000 * self.price_in + tokens_out / 1000 * self.price_out, 6)

    def latency_seconds(self, tokens_out: int, dice: random.Random) -> float:
        """Story seconds one call takes, with the unevenness of real services."""
        return (self.first_token_seconds + tokens_out / self.tokens_per_second) * dice.uniform(0.7, 1.5)


OPUS = Model("claude-opus-4-20250514", 0.015, 0.075, 1.2, 160)
SONNET = Model("claude-sonnet-4-20250514", 0.003, 0.015, 0.7, 220)
HAIKU = Model("claude-haiku-4-5-20251001", 0.00025, 0.00125, 0.3, 400)
GPT_4O = Model("gpt-4o", 0.005, 0.015, 0.6, 240)
GPT_4O_MINI = Model("gpt-4o-mini", 0.00015, 0.0006, 0.3, 380)
