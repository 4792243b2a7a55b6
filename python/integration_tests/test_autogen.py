"""AutoGen on a provider on loopback."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from autogen_agentchat.agents import AssistantAgent, UserProxyAgent
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
from autogen_agentchat.teams import RoundRobinGroupChat, Swarm
from autogen_agentchat.tools import AgentTool
from autogen_ext.models.openai import OpenAIChatCompletionClient
from loopback import Provider, Reply

import hiveloop
from hiveloop.integrations import autogen as integration
from hiveloop.integrations import openai as openai_integration
from hiveloop.integrations.autogen import AutoGenCallback


async def weather(city: str) -> str:
    """Tell the weather."""
    if city == "Atlantis":
        raise ValueError("no such city")
    return f"sunny in {city}"


@pytest.fixture(autouse=True)
def off() -> Iterator[None]:
    yield
    integration.uninstall()


@pytest.fixture
def callback(hb: hiveloop.HiveBoard) -> AutoGenCallback:
    return AutoGenCallback(hb, project="my-project")


def client(models: Provider) -> OpenAIChatCompletionClient:
    info = {"vision": False, "function_calling": True, "json_output": True, "family": "gpt-4o"}
    info |= {"structured_output": True, "multiple_system_messages": True}
    return OpenAIChatCompletionClient(
        model="gpt-5", base_url=f"{models.url}/v1", api_key="sk-loopback", model_info=info, max_retries=0
    )


def forecaster(models: Provider, **more: Any) -> AssistantAgent:
    return AssistantAgent("forecaster", client(models), tools=[weather], reflect_on_tool_use=True, **more)


TWO_STEPS = (Reply(tools=[("weather", {"city": "Paris"})]), Reply("It is sunny. DONE"))


@pytest.mark.parametrize("way", ["run", "run_stream"])
def test_an_agent_with_a_tool(way: str, callback: Any, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)

    async def go() -> None:
        agent = forecaster(models)
        if way == "run":
            await agent.run(task="How is it in Paris?")
        else:
            async for _ in agent.run_stream(task="How is it in Paris?"):
                pass

    asyncio.run(go())
    assert seen.one_task() == ("forecaster", ["completed"])
    assert seen.actions() == {"weather": ["completed"]}
    first, second = seen.calls()
    assert first["model"] == "gpt-5-2026"
    assert (first["tokens_in"], first["tokens_out"]) == (100, 20)
    assert (first["metadata"]["cache_read"], first["metadata"]["reasoning"]) == (40, 5)
    assert first["response_preview"] == "→ weather"
    assert second["response_preview"] == "It is sunny. DONE"
    assert seen.events("task_started")[0]["project_id"] == "my-project"
    assert {event["task_id"] for event in seen.events("custom")} == {seen.events("task_started")[0]["task_id"]}


def test_the_printed_block(server: Any, seen: Any, models: Provider) -> None:
    hb = hiveloop.init(api_key="hb_live_0123456789abcdef0123456789abcdef", endpoint=server.url)
    callback = AutoGenCallback(hb, project="my-project")
    assert callback is not None
    asyncio.run(forecaster(models).run(task="hello"))
    assert seen.one_task() == ("forecaster", ["completed"])


@pytest.mark.parametrize("way", ["run", "run_stream"])
def test_a_team(way: str, callback: Any, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS, Reply("I agree."), Reply("more"))

    async def go() -> None:
        critic = AssistantAgent("critic", client(models))
        team = RoundRobinGroupChat(
            [forecaster(models), critic], name="met-office", termination_condition=MaxMessageTermination(3)
        )
        if way == "run":
            await team.run(task="How is it in Paris?")
        else:
            async for _ in team.run_stream(task="How is it in Paris?"):
                pass

    asyncio.run(go())
    assert seen.one_task() == ("met-office", ["completed"])
    told = seen.actions()
    assert told["forecaster"] == ["completed"]
    assert told["forecaster > weather"] == ["completed"]
    calls = {call["name"] for call in seen.calls()}
    assert "forecaster" in calls


def test_a_failing_tool(callback: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("weather", {"city": "Atlantis"})]), Reply("I cannot know."))
    asyncio.run(forecaster(models).run(task="x"))
    assert seen.one_task() == ("forecaster", ["completed"])
    assert seen.actions() == {"weather": ["failed"]}


def test_parallel_tools(callback: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("weather", {"city": "Paris"}), ("weather", {"city": "Rome"})]), Reply("both"))
    asyncio.run(forecaster(models).run(task="x"))
    assert seen.actions() == {"weather": ["completed", "completed"]}


@pytest.mark.parametrize("is_team", [False, True])
def test_a_failing_model(is_team: bool, callback: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(status=500))

    async def go() -> None:
        agent = forecaster(models)
        runner = RoundRobinGroupChat([agent], name="team", max_turns=1) if is_team else agent
        with pytest.raises(Exception, match="500"):
            await runner.run(task="x")

    asyncio.run(go())
    assert seen.one_task() == ("team" if is_team else "forecaster", ["failed"])


def test_streamed_models(callback: Any, models: Provider, seen: Any) -> None:
    models.script(Reply("It is sunny."))
    asyncio.run(forecaster(models, model_client_stream=True).run(task="x"))
    (call,) = seen.calls()
    assert "tokens_in" not in call
    assert call["metadata"]["stream"] is True


def test_a_hand_off(callback: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("transfer_to_billing", {})]), Reply("Paid. DONE"))

    async def go() -> None:
        front = AssistantAgent("front", client(models), handoffs=["billing"])
        billing = AssistantAgent("billing", client(models))
        team = Swarm([front, billing], name="desk", termination_condition=TextMentionTermination("DONE"))
        await team.run(task="I want to pay")

    asyncio.run(go())
    assert seen.one_task() == ("desk", ["completed"])
    assert "front > handoff:front→billing" in seen.actions()


def test_a_person_is_waited_for(callback: Any, models: Provider, seen: Any) -> None:
    async def go() -> None:
        person = UserProxyAgent("person", input_func=lambda _: "looks good")
        team = RoundRobinGroupChat([person], name="desk", max_turns=1)
        await team.run(task="Is it good?")

    asyncio.run(go())
    assert seen.one_task() == ("desk", ["completed"])
    kinds = seen.kinds()
    assert kinds.index("approval_requested") < kinds.index("approval_received")


def test_an_agent_as_a_tool_is_nested(callback: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("forecaster", {"task": "Paris?"})]), *TWO_STEPS, Reply("All is well."))

    async def go() -> None:
        boss = AssistantAgent("boss", client(models), tools=[AgentTool(forecaster(models))], reflect_on_tool_use=True)
        await boss.run(task="x")

    asyncio.run(go())
    assert seen.one_task() == ("boss", ["completed"])
    assert len(seen.calls()) == 4
    assert any(path.endswith("> weather") for path in seen.actions())


def test_two_runs_at_once(callback: Any, models: Provider, seen: Any) -> None:
    async def both() -> None:
        await asyncio.gather(*(forecaster(models).run(task="x") for _ in range(4)))

    asyncio.run(both())
    told = seen.tasks()
    assert set(map(tuple, told.values())) == {("completed",)}
    per_task = sorted(event["task_id"] for event in seen.events("custom"))
    assert per_task == sorted(key.split("/")[1] for key in told)


def test_inside_of_a_task_of_the_programs(hb: Any, callback: Any, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)

    async def go() -> None:
        async with hb.agent("own", heartbeat_interval=0).task("t-1"):
            await forecaster(models).run(task="x")

    asyncio.run(go())
    assert seen.tasks() == {"own/t-1": ["completed"]}
    assert seen.actions() == {"forecaster": ["completed"], "forecaster > weather": ["completed"]}


def test_a_cancelled_run(callback: Any, models: Provider, seen: Any) -> None:
    models.script(Reply("late", seconds=5))

    async def go() -> None:
        run = asyncio.create_task(forecaster(models).run(task="x"))
        await asyncio.sleep(0.4)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    asyncio.run(go())
    assert seen.one_task() == ("forecaster", ["cancelled"])


def test_with_the_clients_hook_each_call_is_told_once(hb: Any, callback: Any, models: Provider, seen: Any) -> None:
    openai_integration.install(hb)
    try:
        models.script(*TWO_STEPS)
        asyncio.run(forecaster(models).run(task="x"))
    finally:
        openai_integration.uninstall()
    assert len(seen.calls()) == 2


def test_the_programs_log_is_as_it_was(callback: Any, models: Provider, caplog: Any, seen: Any) -> None:
    asyncio.run(forecaster(models).run(task="x"))
    assert [record for record in caplog.records if record.name == "autogen_core.events"] == []
    integration.uninstall()
    assert logging.getLogger("autogen_core.events").level == logging.NOTSET


def test_switched_off_nothing_is_told(callback: Any, models: Provider, seen: Any) -> None:
    integration.uninstall()
    asyncio.run(forecaster(models).run(task="x"))
    assert seen.events() == []
