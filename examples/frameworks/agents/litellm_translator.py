"""LiteLLM: a task by hand around calls that go to whichever provider is named."""

from __future__ import annotations

import itertools
from typing import Any

import hiveloop

from frameworks.desk import Desk
from loopback import Reply

NEEDS = ("litellm",)
_numbers = itertools.count(1)


def make(desk: Desk) -> Any:
    """Builds the agent that the tasks are of."""
    return hiveloop.init().agent("litellm-translator", type="content")


def work(desk: Desk, agent: Any) -> None:
    """Translates one label."""
    import litellm

    desk.models.script(Reply("Stuhl", seconds=0.4), Reply("chaise", seconds=0.4))
    with agent.task(f"label-{next(_numbers)}", project="labels", type="translation"):
        for model, base in (("openai/gpt-4o", f"{desk.models.url}/v1"), ("anthropic/claude-sonnet-4", desk.models.url)):
            asked = [{"role": "user", "content": "Translate: chair"}]
            litellm.completion(model=model, messages=asked, api_base=base, api_key="none", max_retries=0)
