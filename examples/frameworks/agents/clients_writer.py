"""No framework: a task by hand, and the clients of OpenAI and Anthropic."""

from __future__ import annotations

import itertools
from typing import Any

import hiveloop

from frameworks.desk import Desk
from loopback import Reply

NEEDS = ("openai", "anthropic")
_numbers = itertools.count(1)


def make(desk: Desk) -> Any:
    """Builds the clients."""
    import anthropic
    import openai

    return (
        hiveloop.init().agent("clients-letter-writer", type="content"),
        openai.OpenAI(base_url=f"{desk.models.url}/v1", api_key="none", max_retries=0),
        anthropic.Anthropic(base_url=desk.models.url, api_key="none", max_retries=0),
    )


def work(desk: Desk, made: Any) -> None:
    """Writes one letter."""
    agent, writer, reviewer = made
    desk.models.script(
        Reply("Dear Ada, your chairs are on their way.", seconds=0.8), Reply("Friendly and short: good.")
    )
    with agent.task(f"letter-{next(_numbers)}", project="letters", type="writing"):
        with agent.track_context("draft"):
            asked = [{"role": "user", "content": "Write to Ada about her chairs."}]
            draft = writer.chat.completions.create(model="gpt-4o", messages=asked)
        with agent.track_context("review"):
            text = f"Review: {draft.choices[0].message.content}"
            reviewer.messages.create(
                model="claude-sonnet-4-20250514", max_tokens=200, messages=[{"role": "user", "content": text}]
            )
