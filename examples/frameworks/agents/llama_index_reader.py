"""LlamaIndex: looks things up in a shelf of documents."""

from __future__ import annotations

import asyncio
from typing import Any

from frameworks.desk import Desk
from loopback import Reply

NEEDS = ("llama_index.core", "llama_index.llms.openai")


def make(desk: Desk) -> Any:
    """Builds the agent."""
    from llama_index.core.agent.workflow import FunctionAgent
    from llama_index.llms.openai import OpenAI

    def look_up(topic: str) -> str:
        """Look a topic up."""
        if desk.chance(0.15):
            raise KeyError(topic)
        return f"three pages about {topic}"

    llm = OpenAI(model="gpt-4o", api_base=f"{desk.models.url}/v1", api_key="none", max_retries=0)
    return FunctionAgent(name="llama-index-librarian", description="Reads.", llm=llm, tools=[look_up], streaming=False)


def work(desk: Desk, agent: Any) -> None:
    """Answers one question."""

    async def ask() -> None:
        await agent.run("What is known about chairs?")

    desk.models.script(
        Reply(tools=[("look_up", {"topic": "chairs"})], seconds=0.4), Reply("They have legs.", seconds=0.5)
    )
    asyncio.run(ask())
