"""AutoGen: a writer and a critic in turns."""

from __future__ import annotations

import asyncio
from typing import Any

from frameworks.desk import Desk
from loopback import Reply

NEEDS = ("autogen_agentchat", "autogen_ext")


def make(desk: Desk) -> Any:
    """Builds nothing: a team belongs to the event loop that it runs in."""
    return None


def work(desk: Desk, made: Any) -> None:
    """Lets the team talk."""
    from autogen_agentchat.agents import AssistantAgent
    from autogen_agentchat.conditions import MaxMessageTermination
    from autogen_agentchat.teams import RoundRobinGroupChat
    from autogen_ext.models.openai import OpenAIChatCompletionClient

    async def talk() -> None:
        model = OpenAIChatCompletionClient(model="gpt-4o", base_url=f"{desk.models.url}/v1", api_key="none")
        writer, critic = AssistantAgent("writer", model), AssistantAgent("critic", model)
        ending = MaxMessageTermination(4)
        await RoundRobinGroupChat([writer, critic], name="autogen-editors", termination_condition=ending).run(
            task="A slogan for chairs."
        )

    desk.models.script(Reply("Sit well.", seconds=0.6), Reply("Too short.", seconds=0.4), Reply("Sit well, live well."))
    asyncio.run(talk())
