"""Pydantic AI: checks addresses; its tool is now and then asked again."""

from __future__ import annotations

from typing import Any

from frameworks.desk import Desk
from loopback import Reply

NEEDS = ("pydantic_ai", "openai")


def make(desk: Desk) -> Any:
    """Builds the agent."""
    from pydantic_ai import Agent, ModelRetry
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    model = OpenAIChatModel("gpt-4o", provider=OpenAIProvider(base_url=f"{desk.models.url}/v1", api_key="none"))
    agent: Agent[Any, Any] = Agent(model, name="pydantic-ai-address-checker")

    @agent.tool_plain
    def check_address(street: str) -> str:
        """Check an address."""
        desk.pause(0.1, 0.6)
        if not any(sign.isdigit() for sign in street):
            raise ModelRetry("the number of the house is missing")
        return "known, deliverable"

    return agent


def work(desk: Desk, agent: Any) -> None:
    """Checks one address."""
    replies = [Reply(tools=[("check_address", {"street": "Rue de Rivoli 12"})], seconds=0.5), Reply("Deliverable.")]
    if desk.chance(0.4):
        replies.insert(0, Reply(tools=[("check_address", {"street": "Rue de Rivoli"})], seconds=0.5))
    desk.models.script(*replies)
    agent.run_sync("Can we deliver to Rue de Rivoli 12?")
