"""LlamaIndex on a provider on loopback."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from llama_index.core import Document, SummaryIndex
from llama_index.core.agent.workflow import AgentWorkflow, FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.core.workflow import Context, HumanResponseEvent, InputRequiredEvent
from llama_index.llms.openai import OpenAI
from loopback import Provider, Reply

import hiveloop
from hiveloop.integrations import llama_index as integration
from hiveloop.integrations import openai as openai_integration


def weather(city: str) -> str:
    """Tell the weather."""
    if city == "Atlantis":
        raise ValueError("no such city")
    return f"sunny in {city}"


@pytest.fixture(autouse=True)
def on(hb: hiveloop.HiveBoard) -> Iterator[None]:
    integration.install(hb, project="my-project")
    yield
    integration.uninstall()


@pytest.fixture
def llm(models: Provider) -> OpenAI:
    return OpenAI(model="gpt-4o", api_base=f"{models.url}/v1", api_key="k", max_retries=0)


def forecaster(llm: OpenAI, *tools: Any, **more: Any) -> FunctionAgent:
    more.setdefault("streaming", False)
    return FunctionAgent(name="forecaster", description="Tells.", llm=llm, tools=list(tools or [weather]), **more)


async def ask(agent: Any) -> Any:
    return await agent.run("How is it?")


TWO_STEPS = (Reply(tools=[("weather", {"city": "Paris"})]), Reply("It is sunny."))


@pytest.mark.parametrize("is_streamed", [False, True])
def test_an_agent_with_a_tool(is_streamed: bool, llm: OpenAI, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)
    asyncio.run(ask(forecaster(llm, streaming=is_streamed)))
    assert seen.one_task() == ("forecaster", ["completed"])
    assert seen.actions() == {"weather": ["completed"]}
    first, second = seen.calls()
    assert (first["name"], first["model"]) == ("forecaster", "gpt-4o-2026")
    assert first["metadata"]["response_id"] == "chatcmpl-1"
    assert second["response_preview"] == "It is sunny."
    if not is_streamed:
        assert (first["tokens_in"], first["tokens_out"]) == (100, 20)
        assert (first["metadata"]["cache_read"], first["metadata"]["reasoning"]) == (40, 5)
    else:
        assert "tokens_in" not in first
    (ended,) = seen.events("action_completed")
    assert (ended["payload"]["args"], ended["payload"]["result"]) == ({"city": "Paris"}, "sunny in Paris")
    assert seen.events("task_started")[0]["project_id"] == "my-project"


def test_a_failing_tool(llm: OpenAI, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("weather", {"city": "Atlantis"})]), Reply("I cannot know."))
    asyncio.run(ask(forecaster(llm)))
    assert seen.one_task() == ("forecaster", ["completed"])
    assert seen.actions() == {"weather": ["failed"]}


def test_a_failing_model(llm: OpenAI, models: Provider, seen: Any) -> None:
    models.script(Reply(status=400))
    with pytest.raises(Exception, match="400"):
        asyncio.run(ask(forecaster(llm)))
    assert seen.one_task() == ("forecaster", ["failed"])
    assert "400" in seen.calls()[0]["metadata"]["error"]


def test_parallel_tools(llm: OpenAI, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("weather", {"city": "Paris"}), ("weather", {"city": "Rome"})]), "both")
    asyncio.run(ask(forecaster(llm)))
    assert seen.actions() == {"weather": ["completed", "completed"]}


def test_a_hand_off(llm: OpenAI, models: Provider, seen: Any) -> None:
    billing = FunctionAgent(name="billing", description="b", llm=llm, streaming=False)
    front = forecaster(llm, can_handoff_to=["billing"])
    models.script(Reply(tools=[("handoff", {"to_agent": "billing", "reason": "money"})]), Reply("Paid."))
    asyncio.run(ask(AgentWorkflow(agents=[front, billing], root_agent="forecaster")))
    assert seen.one_task() == ("AgentWorkflow", ["completed"])
    assert "handoff:AgentWorkflow→billing" in seen.actions()
    assert [call["name"] for call in seen.calls()] == ["forecaster", "billing"]


def test_a_person_is_waited_for(llm: OpenAI, models: Provider, seen: Any) -> None:
    async def pay(ctx: Context, euros: int) -> str:
        """Pay."""
        answer = await ctx.wait_for_event(HumanResponseEvent, waiter_event=InputRequiredEvent(prefix="Really?"))
        return f"paid {euros}: {answer.response}"

    models.script(Reply(tools=[("pay", {"euros": 900})]), Reply("Paid."))

    async def go() -> None:
        handler = forecaster(llm, pay).run("pay it")
        async for event in handler.stream_events():
            if isinstance(event, InputRequiredEvent):
                handler.ctx.send_event(HumanResponseEvent(response="yes"))
        await handler

    asyncio.run(go())
    assert seen.one_task() == ("forecaster", ["completed"])
    kinds = seen.kinds()
    assert kinds.index("approval_requested") < kinds.index("approval_received")
    assert seen.actions() == {"pay": ["paused", "completed"]}


def test_a_query_engine(llm: OpenAI, models: Provider, seen: Any) -> None:
    engine = SummaryIndex.from_documents([Document(text="Paris is sunny.")]).as_query_engine(llm=llm)
    engine.query("How is it?")
    assert seen.one_task() == ("RetrieverQueryEngine", ["completed"])
    assert seen.actions() == {"SummaryIndexRetriever": ["completed"]}
    assert len(seen.calls()) == 1


def test_a_model_alone_is_a_call_and_no_task(hb: Any, llm: OpenAI, models: Provider, seen: Any) -> None:
    with hb.agent("own", heartbeat_interval=0).task("t-1"):
        llm.chat([ChatMessage("hello")])
        llm.complete("hello")
        for _ in llm.stream_chat([ChatMessage("hello")]):
            pass
    assert seen.tasks() == {"own/t-1": ["completed"]}
    assert len(seen.calls()) == 3


def test_two_runs_at_once(llm: OpenAI, models: Provider, seen: Any) -> None:
    async def both() -> None:
        await asyncio.gather(*(ask(forecaster(llm)) for _ in range(4)))

    asyncio.run(both())
    told = seen.tasks()
    assert set(map(tuple, told.values())) == {("completed",)}
    per_task = sorted(event["task_id"] for event in seen.events("custom"))
    assert per_task == sorted(key.split("/")[1] for key in told)


def test_inside_of_a_task_of_the_programs(hb: Any, llm: OpenAI, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)

    async def go() -> None:
        async with hb.agent("own", heartbeat_interval=0).task("t-1"):
            await ask(forecaster(llm))

    asyncio.run(go())
    assert seen.tasks() == {"own/t-1": ["completed"]}
    assert set(seen.actions()) == {"forecaster", "forecaster > weather"}


def test_with_the_clients_hook_each_call_is_told_once(hb: Any, llm: OpenAI, models: Provider, seen: Any) -> None:
    openai_integration.install(hb)
    try:
        models.script(*TWO_STEPS)
        asyncio.run(ask(forecaster(llm)))
    finally:
        openai_integration.uninstall()
    assert [call["name"] for call in seen.calls()] == ["forecaster", "forecaster"]


def test_switched_off_nothing_is_told(llm: OpenAI, models: Provider, seen: Any) -> None:
    integration.uninstall()
    asyncio.run(ask(forecaster(llm)))
    assert seen.events() == []
