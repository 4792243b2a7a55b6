"""Pydantic AI on its own made-up models, and on a provider on loopback."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from loopback import Provider, Reply
from pydantic_ai import Agent, DeferredToolRequests, DeferredToolResults, ModelRetry
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.models.test import TestModel
from pydantic_ai.providers.openai import OpenAIProvider

import hiveloop
from hiveloop.integrations import openai as openai_integration
from hiveloop.integrations import pydantic_ai as integration
from hiveloop.integrations.pydantic_ai import HiveCapability


@pytest.fixture
def capability(hb: hiveloop.HiveBoard) -> HiveCapability:
    return HiveCapability(hb, project="my-project")


def model(models: Provider) -> OpenAIChatModel:
    return OpenAIChatModel("gpt-5", provider=OpenAIProvider(base_url=f"{models.url}/v1", api_key="sk-loopback"))


def forecaster(models: Provider, *capabilities: Any, **more: Any) -> Agent[Any, Any]:
    agent: Agent[Any, Any] = Agent(model(models), name="forecaster", capabilities=list(capabilities), **more)

    @agent.tool_plain
    def weather(city: str) -> str:
        if city == "Atlantis":
            raise ValueError("no such city")
        if city == "pariss":
            raise ModelRetry("spell it well")
        return f"sunny in {city}"

    return agent


TWO_STEPS = (Reply(tools=[("weather", {"city": "Paris"})]), Reply("It is sunny."))


@pytest.mark.parametrize("way", ["run", "run_sync", "run_stream", "iter"])
def test_an_agent_with_a_tool(way: str, capability: Any, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)
    agent = forecaster(models, capability)

    async def go() -> None:
        if way == "run":
            assert (await agent.run("How is it in Paris?")).output == "It is sunny."
        elif way == "run_stream":
            async with agent.run_stream("How is it in Paris?") as stream:
                async for _ in stream.stream_text():
                    pass
        else:
            async with agent.iter("How is it in Paris?") as run:
                async for _ in run:
                    pass

    if way == "run_sync":
        agent.run_sync("How is it in Paris?")
    else:
        asyncio.run(go())
    assert seen.one_task() == ("forecaster", ["completed"])
    assert seen.actions() == {"weather": ["completed"]}
    first, second = seen.calls()
    assert (first["name"], first["model"]) == ("forecaster", "gpt-5-2026")
    assert (first["tokens_in"], first["tokens_out"]) == (100, 20)
    assert (first["metadata"]["cache_read"], first["metadata"]["reasoning"]) == (40, 5)
    assert first["metadata"]["response_id"] == "chatcmpl-1"
    assert (first["prompt_preview"], second["prompt_preview"]) == ("How is it in Paris?", "sunny in Paris")
    assert (first["response_preview"], second["response_preview"]) == ("→ weather", "It is sunny.")
    assert seen.events("task_started")[0]["project_id"] == "my-project"


def test_a_failing_tool(capability: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("weather", {"city": "Atlantis"})]))
    with pytest.raises(ValueError, match="no such city"):
        forecaster(models, capability).run_sync("x")
    assert seen.one_task() == ("forecaster", ["failed"])
    assert seen.actions() == {"weather": ["failed"]}


def test_a_tool_that_asks_to_be_called_anew(capability: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("weather", {"city": "pariss"})]), *TWO_STEPS)
    forecaster(models, capability).run_sync("x")
    assert seen.one_task() == ("forecaster", ["completed"])
    assert seen.actions() == {"weather": ["failed", "completed"]}
    assert len(seen.events("retry_started")) == 1


def test_a_failing_model(capability: Any, models: Provider, seen: Any) -> None:
    models.script(*[Reply(status=400)] * 3)
    with pytest.raises(Exception, match="400"):
        forecaster(models, capability).run_sync("x")
    assert seen.one_task() == ("forecaster", ["failed"])
    assert "error" in seen.calls()[0]["metadata"]


def test_parallel_tools(capability: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("weather", {"city": "Paris"}), ("weather", {"city": "Rome"})]), "both")
    forecaster(models, capability).run_sync("x")
    assert seen.actions() == {"weather": ["completed", "completed"]}


def test_an_approval_waits_and_goes_on(capability: Any, models: Provider, seen: Any) -> None:
    agent: Agent[Any, Any] = Agent(
        model(models), name="clerk", capabilities=[capability], output_type=[str, DeferredToolRequests]
    )

    @agent.tool_plain(requires_approval=True)
    def pay(euros: int) -> str:
        return f"paid {euros}"

    models.script(Reply(tools=[("pay", {"euros": 900})]), "paid")
    first = agent.run_sync("pay it")
    assert seen.kinds() == ["task_started", "custom", "approval_requested"]
    assert hiveloop.current_task() is None
    requests = first.output
    results = DeferredToolResults(approvals={call.tool_call_id: True for call in requests.approvals})
    agent.run_sync(message_history=first.all_messages(), deferred_tool_results=results)
    kinds = seen.kinds()
    assert kinds[3] == "approval_received"
    assert kinds[-1] == "task_completed"
    assert len(seen.tasks()) == 1


def test_an_agent_inside_of_a_tool(capability: Any, models: Provider, seen: Any) -> None:
    inner = forecaster(models, capability)
    boss: Agent[Any, Any] = Agent(model(models), name="boss", capabilities=[capability])

    @boss.tool_plain
    async def ask(question: str) -> str:
        return str((await inner.run(question)).output)

    models.script(Reply(tools=[("ask", {"question": "Paris?"})]), *TWO_STEPS, "All is well.")
    boss.run_sync("x")
    assert seen.one_task() == ("boss", ["completed"])
    assert set(seen.actions()) == {"ask", "ask > forecaster", "ask > forecaster > weather"}
    assert sum(call["tokens_in"] for call in seen.calls()) == 400


def test_two_runs_at_once(capability: Any, models: Provider, seen: Any) -> None:
    agent = forecaster(models, capability)

    async def both() -> None:
        await asyncio.gather(*(agent.run("x") for _ in range(5)))

    asyncio.run(both())
    told = seen.tasks()
    assert set(map(tuple, told.values())) == {("completed",)}
    per_task = sorted(event["task_id"] for event in seen.events("custom"))
    assert per_task == sorted(key.split("/")[1] for key in told)


def test_inside_of_a_task_of_the_programs(hb: Any, capability: Any, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)
    with hb.agent("own", heartbeat_interval=0).task("t-1"):
        forecaster(models, capability).run_sync("x")
    assert seen.tasks() == {"own/t-1": ["completed"]}
    assert set(seen.actions()) == {"forecaster", "forecaster > weather"}


def test_a_cancelled_run(capability: Any, models: Provider, seen: Any) -> None:
    models.script(Reply("late", seconds=5))

    async def go() -> None:
        run = asyncio.create_task(forecaster(models, capability).run("x"))
        await asyncio.sleep(0.4)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    asyncio.run(go())
    assert seen.one_task() == ("forecaster", ["cancelled"])


def test_a_stream_that_its_reader_leaves(capability: Any, models: Provider, seen: Any) -> None:
    models.script("one two three four five six")

    async def go() -> None:
        async with forecaster(models, capability).run_stream("x") as stream:
            async for _ in stream.stream_text(delta=True):
                break

    asyncio.run(go())
    _, ends = seen.one_task()
    assert len(ends) == 1
    assert ends != ["failed"]


def test_a_model_that_is_made_up(capability: Any, seen: Any) -> None:
    Agent(TestModel(), name="tester", capabilities=[capability]).run_sync("x")
    assert seen.one_task() == ("tester", ["completed"])
    assert len(seen.calls()) == 1


def test_with_the_clients_hook_each_call_is_told_once(hb: Any, capability: Any, models: Provider, seen: Any) -> None:
    openai_integration.install(hb)
    try:
        models.script(*TWO_STEPS)
        forecaster(models, capability).run_sync("x")
    finally:
        openai_integration.uninstall()
    assert [call["name"] for call in seen.calls()] == ["forecaster", "forecaster"]


def test_switched_on_for_everything_and_off_again(hb: Any, models: Provider, seen: Any) -> None:
    agent = forecaster(models)
    integration.install(hb)
    try:
        models.script(*TWO_STEPS)
        agent.run_sync("x")
        assert seen.one_task() == ("forecaster", ["completed"])
        assert len(seen.calls()) == 2
    finally:
        integration.uninstall()
    agent.run_sync("x")
    assert len(seen.tasks()) == 1
