"""The manual's block for LangChain as it is printed, on a version that has what it uses."""

from __future__ import annotations

from typing import Any

from langchain.agents import initialize_agent
from langchain_core.language_models.fake import FakeListLLM
from langchain_core.tools import tool

import hiveloop
from hiveloop.integrations.langchain import LangChainCallback


@tool
def weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


def test_the_printed_block(server: Any, seen: Any) -> None:
    tools = [weather]
    llm = FakeListLLM(responses=["Action: weather\nAction Input: Paris", "Final Answer: It is sunny."])
    hb = hiveloop.init(api_key="hb_live_0123456789abcdef0123456789abcdef", endpoint=server.url)
    callback = LangChainCallback(hb, project="my-project")
    agent = initialize_agent(tools, llm, callbacks=[callback])
    assert agent.invoke({"input": "How is it in Paris?"})["output"] == "It is sunny."
    assert seen.one_task() == ("worker", ["completed"])
    assert seen.actions() == {"weather": ["completed"]}
    assert len(seen.calls()) == 2
