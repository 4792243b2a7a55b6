"""The OpenAI Agents SDK on a provider on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import agents
import openai
import pytest
from agents import Agent, InputGuardrail, Runner, function_tool, trace
from loopback import Provider, Reply

import hiveloop
from hiveloop.integrations import openai as openai_integration
from hiveloop.integrations import openai_agents as integration


@function_tool
def weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


@function_tool(failure_error_function=None)
def broken() -> str:
    """Break."""
    raise ValueError("no such city")


@function_tool
def silent() -> None:
    """Say nothing."""


@function_tool(needs_approval=True)
def pay(euros: int) -> str:
    """Pay."""
    return f"paid {euros}"


@pytest.fixture(autouse=True)
def on(hb: hiveloop.HiveBoard, models: Provider) -> Iterator[None]:
    agents.set_trace_processors([])
    client = openai.AsyncOpenAI(base_url=f"{models.url}/v1", max_retries=0)
    agents.set_default_openai_client(client, use_for_tracing=False)
    integration.install(hb, project="my-project")
    yield
    integration.uninstall()


def forecaster(*tools: Any, **more: Any) -> Agent[Any]:
    return Agent(name="forecaster", instructions="Tell.", model="gpt-5", tools=list(tools or [weather]), **more)


TWO_STEPS = (Reply(tools=[("weather", {"city": "Paris"})]), Reply("It is sunny."))


async def drain(result: Any) -> None:
    async for _ in result.stream_events():
        pass


@pytest.mark.parametrize("way", ["run", "run_sync", "run_streamed", "chat", "chat_streamed"])
def test_an_agent_with_a_tool(way: str, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)
    agent = forecaster()
    if way.startswith("chat"):
        client = openai.AsyncOpenAI(base_url=f"{models.url}/v1", max_retries=0)
        agent.model = agents.OpenAIChatCompletionsModel("gpt-5", client)

    async def go() -> None:
        if way.endswith("streamed"):
            await drain(Runner.run_streamed(agent, "How is it in Paris?"))
        else:
            await Runner.run(agent, "How is it in Paris?")

    if way == "run_sync":
        asyncio.set_event_loop(asyncio.new_event_loop())
        Runner.run_sync(agent, "How is it in Paris?")
    else:
        asyncio.run(go())
    assert seen.one_task() == ("forecaster", ["completed"])
    assert seen.actions() == {"weather": ["completed"]}
    first, second = seen.calls()
    assert first["name"] == "forecaster"
    assert (first["response_preview"], second["response_preview"]) == ("→ weather", "It is sunny.")
    if way != "chat_streamed":
        assert (first["tokens_in"], first["tokens_out"]) == (100, 20)
        assert (first["metadata"]["cache_read"], first["metadata"]["reasoning"]) == (40, 5)
    if not way.startswith("chat"):
        assert first["model"] == "gpt-5-2026"
        assert first["metadata"]["response_id"] == "resp_1"
    (ended,) = seen.events("action_completed")
    assert (ended["payload"]["args"], ended["payload"]["result"]) == ({"city": "Paris"}, "sunny in Paris")
    assert seen.events("task_started")[0]["project_id"] == "my-project"


def test_a_failing_tool(models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("broken", {})]))
    with pytest.raises(Exception, match="no such city"):
        asyncio.run(Runner.run(forecaster(broken), "x"))
    assert seen.one_task() == ("forecaster", ["failed"])
    assert seen.actions() == {"broken": ["failed"]}


@pytest.mark.parametrize("is_streamed", [False, True])
def test_a_failing_model(is_streamed: bool, models: Provider, seen: Any) -> None:
    models.script(Reply(status=500))

    async def go() -> None:
        with pytest.raises(openai.InternalServerError):
            if is_streamed:
                await drain(Runner.run_streamed(forecaster(), "x"))
            else:
                await Runner.run(forecaster(), "x")

    asyncio.run(go())
    assert seen.one_task() == ("forecaster", ["failed"])
    (call,) = seen.calls()
    assert "error" in call["metadata"]


def test_parallel_tools(models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("weather", {"city": "Paris"}), ("weather", {"city": "Rome"})]), "both")
    asyncio.run(Runner.run(forecaster(), "x"))
    assert seen.actions() == {"weather": ["completed", "completed"]}


def test_a_tool_that_gives_nothing(models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("silent", {})]), "done")
    asyncio.run(Runner.run(forecaster(silent), "x"))
    assert seen.actions() == {"silent": ["completed"]}
    assert seen.one_task() == ("forecaster", ["completed"])


@pytest.mark.parametrize("is_streamed", [False, True])
def test_an_approval_waits_and_goes_on(is_streamed: bool, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("pay", {"euros": 900})]), "paid")

    async def run(given: Any) -> Any:
        if is_streamed:
            result = Runner.run_streamed(forecaster(pay), given)
            await drain(result)
            await asyncio.sleep(0)
            return result
        return await Runner.run(forecaster(pay), given)

    async def go() -> None:
        result = await run("pay it")
        assert seen.kinds()[-2:] == ["approval_requested", "action_completed"]
        assert seen.tasks().popitem()[1] == []
        assert hiveloop.current_task() is None
        state = result.to_state()
        state.approve(result.interruptions[0])
        await run(state)

    asyncio.run(go())
    assert seen.one_task() == ("forecaster", ["completed"])
    assert seen.actions() == {"pay": ["paused", "completed"]}
    kinds = seen.kinds()
    assert kinds.count("approval_requested") == kinds.count("approval_received") == 1
    assert "task_failed" not in kinds


def test_a_hand_off(models: Provider, seen: Any) -> None:
    billing = Agent(name="billing", model="gpt-5")
    front = Agent(name="front", model="gpt-5", handoffs=[billing])
    models.script(Reply(tools=[("transfer_to_billing", {})]), "Paid.")
    asyncio.run(Runner.run(front, "I want to pay"))
    assert seen.one_task() == ("front", ["completed"])
    assert seen.actions() == {"handoff:front→billing": ["completed"], "billing": ["completed"]}
    assert [call["name"] for call in seen.calls()] == ["front", "billing"]


def test_an_agent_as_a_tool(models: Provider, seen: Any) -> None:
    boss = Agent(name="boss", model="gpt-5", tools=[forecaster().as_tool("ask_forecaster", "Ask.")])
    models.script(Reply(tools=[("ask_forecaster", {"input": "Paris?"})]), *TWO_STEPS, "All is well.")
    asyncio.run(Runner.run(boss, "x"))
    assert seen.one_task() == ("boss", ["completed"])
    assert set(seen.actions()) == {
        "ask_forecaster",
        "ask_forecaster > forecaster",
        "ask_forecaster > forecaster > weather",
    }
    assert len(seen.calls()) == 4


def test_a_guardrail_stops_a_run(models: Provider, seen: Any) -> None:
    async def check(context: Any, agent: Any, given: Any) -> Any:
        return agents.GuardrailFunctionOutput(output_info=None, tripwire_triggered=True)

    guarded = forecaster(input_guardrails=[InputGuardrail(guardrail_function=check, name="no homework")])
    with pytest.raises(agents.InputGuardrailTripwireTriggered):
        asyncio.run(Runner.run(guarded, "x"))
    assert seen.one_task() == ("forecaster", ["failed"])
    assert seen.actions()["guardrail:no homework"] == ["failed"]


def test_a_trace_of_the_programs_is_one_task(models: Provider, seen: Any) -> None:
    async def go() -> None:
        with trace("morning report", group_id="g-1"):
            await Runner.run(forecaster(), "x")
            await Runner.run(forecaster(), "y")

    asyncio.run(go())
    assert seen.one_task() == ("morning report", ["completed"])
    assert seen.actions() == {"forecaster": ["completed", "completed"]}
    assert seen.events("task_started")[0]["correlation_id"] == "g-1"


def test_two_runs_at_once(models: Provider, seen: Any) -> None:
    async def both() -> None:
        await asyncio.gather(*(Runner.run(forecaster(), "x") for _ in range(5)))

    asyncio.run(both())
    told = seen.tasks()
    assert set(map(tuple, told.values())) == {("completed",)}
    per_task = sorted(event["task_id"] for event in seen.events("custom"))
    assert per_task == sorted(key.split("/")[1] for key in told)


def test_inside_of_a_task_of_the_programs(hb: Any, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)

    async def go() -> None:
        async with hb.agent("own", heartbeat_interval=0).task("t-1"):
            await Runner.run(forecaster(), "x")

    asyncio.run(go())
    assert seen.tasks() == {"own/t-1": ["completed"]}
    assert set(seen.actions()) == {"forecaster", "forecaster > weather"}


@pytest.mark.parametrize("is_streamed", [False, True])
def test_a_cancelled_run(is_streamed: bool, models: Provider, seen: Any) -> None:
    models.script(Reply("late", seconds=4))

    async def go() -> None:
        if is_streamed:
            result = Runner.run_streamed(forecaster(), "x")
            await asyncio.sleep(0.4)
            result.cancel()
            await asyncio.sleep(0.2)
            return
        run = asyncio.create_task(Runner.run(forecaster(), "x"))
        await asyncio.sleep(0.4)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    asyncio.run(go())
    assert seen.one_task() == ("forecaster", ["cancelled"])


@pytest.mark.parametrize("is_streamed", [False, True])
def test_with_the_clients_hook_each_call_is_told_once(is_streamed: bool, hb: Any, models: Provider, seen: Any) -> None:
    openai_integration.install(hb)
    models.script(*TWO_STEPS)

    async def go() -> None:
        if is_streamed:
            await drain(Runner.run_streamed(forecaster(), "x"))
        else:
            await Runner.run(forecaster(), "x")

    try:
        asyncio.run(go())
    finally:
        openai_integration.uninstall()
    assert [call["name"] for call in seen.calls()] == ["forecaster", "forecaster"]


def test_switched_off_nothing_is_told(models: Provider, seen: Any) -> None:
    integration.uninstall()
    asyncio.run(Runner.run(forecaster(), "x"))
    assert seen.events() == []
