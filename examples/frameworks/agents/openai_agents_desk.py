"""The OpenAI Agents SDK: a front desk that hands over to billing."""

from __future__ import annotations

import asyncio
from typing import Any

from frameworks.desk import Desk
from loopback import Reply

NEEDS = ("agents", "openai")


def make(desk: Desk) -> Any:
    """Builds the agents."""
    import openai
    from agents import Agent, OpenAIResponsesModel, function_tool, set_trace_processors
    from hiveloop.integrations import openai_agents

    # Nothing goes to anybody else; the integration is switched on again beside nothing.
    set_trace_processors([openai_agents._processor] if openai_agents._processor else [])

    @function_tool
    def find_order(order: str) -> str:
        """Find an order."""
        return f"order {order}: two chairs, on their way"

    client = openai.AsyncOpenAI(base_url=f"{desk.models.url}/v1", api_key="none", max_retries=0)
    model = OpenAIResponsesModel("gpt-4o-mini", client)
    billing = Agent(name="billing", instructions="Settle bills.", model=model)
    return Agent(
        name="openai-agents-front-desk", instructions="Help.", model=model, tools=[find_order], handoffs=[billing]
    )


def work(desk: Desk, agent: Any) -> None:
    """Answers one customer."""
    from agents import Runner

    find = Reply(tools=[("find_order", {"order": str(desk.random.randint(100, 999))})], seconds=0.5)
    if desk.chance(0.4):
        desk.models.script(find, Reply(tools=[("transfer_to_billing", {})], seconds=0.3), Reply("It is paid."))
    else:
        desk.models.script(find, Reply("Your chairs arrive tomorrow.", seconds=0.8))
    asyncio.run(Runner.run(agent, "Where is my order?"))
