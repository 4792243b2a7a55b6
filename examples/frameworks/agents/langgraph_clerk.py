"""LangGraph: pays invoices, and asks a person about the large ones."""

from __future__ import annotations

import itertools
from typing import Any

from frameworks.desk import Desk
from loopback import Reply

NEEDS = ("langchain", "langgraph", "langchain_openai")
_numbers = itertools.count(4801)


def make(desk: Desk) -> Any:
    """Builds the agent."""
    from langchain.agents import create_agent
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.types import interrupt

    @tool
    def look_up_invoice(number: int) -> str:
        """Look up an invoice."""
        desk.pause(0.2, 1)
        if desk.chance(0.1):
            raise TimeoutError("the accounting system does not answer")
        return f"invoice {number}: {desk.random.randint(50, 2000)} euros, due tomorrow"

    @tool
    def pay_invoice(number: int, euros: int) -> str:
        """Pay an invoice."""
        if euros >= 900:
            answer = interrupt(f"Pay invoice {number} of {euros} euros?")
            if answer != "yes":
                return "refused"
        return "paid"

    model = ChatOpenAI(model="gpt-4o", base_url=f"{desk.models.url}/v1", api_key="none", max_retries=0)
    return create_agent(
        model, [look_up_invoice, pay_invoice], name="langgraph-invoice-clerk", checkpointer=InMemorySaver()
    )


def work(desk: Desk, agent: Any) -> None:
    """Pays one invoice."""
    from langgraph.types import Command

    number, euros = next(_numbers), desk.random.choice((120, 450, 900, 1600))
    desk.models.script(
        Reply(tools=[("look_up_invoice", {"number": number})], seconds=0.6),
        Reply(tools=[("pay_invoice", {"number": number, "euros": euros})], seconds=0.4),
        Reply(f"Invoice {number} is settled.", seconds=0.5),
    )
    config = {"configurable": {"thread_id": f"invoice-{number}"}}
    asked = {"messages": [{"role": "user", "content": f"Settle invoice {number}."}]}
    try:
        result = agent.invoke(asked, config=config)
    except TimeoutError:
        return
    if "__interrupt__" in result:
        desk.pause(4, 9)
        agent.invoke(Command(resume="yes" if desk.chance(0.8) else "no"), config=config)
