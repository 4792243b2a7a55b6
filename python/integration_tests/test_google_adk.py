"""Google ADK with Google's client against a provider on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from google import genai
from google.adk.agents import LlmAgent, RunConfig
from google.adk.agents.run_config import StreamingMode
from google.adk.models.google_llm import Gemini
from google.adk.runners import InMemoryRunner
from google.adk.tools import FunctionTool
from google.adk.tools.agent_tool import AgentTool
from google.genai import types
from loopback import Provider, Reply

import hiveloop
from hiveloop.integrations import google_adk as integration
from hiveloop.integrations import google_genai as genai_integration
from hiveloop.integrations.google_adk import HivePlugin


def weather(city: str) -> str:
    """Tell the weather."""
    if city == "Atlantis":
        raise ValueError("no such city")
    return f"sunny in {city}"


@pytest.fixture
def plugin(hb: hiveloop.HiveBoard) -> HivePlugin:
    return HivePlugin(hb, project="my-project")


@pytest.fixture
def model(models: Provider) -> Gemini:
    made = Gemini(model="gemini-3")
    made.__dict__["api_client"] = genai.Client(api_key="k", http_options={"base_url": models.url})
    return made


@pytest.fixture
def genai_on(hb: hiveloop.HiveBoard) -> Iterator[None]:
    genai_integration.install(hb)
    yield
    genai_integration.uninstall()


def forecaster(model: Any, *tools: Any, **more: Any) -> LlmAgent:
    return LlmAgent(name="forecaster", model=model, tools=list(tools or [weather]), **more)


async def ask(
    agent: Any, *plugins: Any, text: str = "How is it?", runner: Any = None, session: Any = None, **more: Any
) -> Any:
    runner = runner or InMemoryRunner(agent, app_name="desk", plugins=list(plugins))
    session = session or await runner.session_service.create_session(app_name="desk", user_id="u")
    message = types.Content(role="user", parts=[types.Part(text=text)])
    async for _ in runner.run_async(user_id="u", session_id=session.id, new_message=message, **more):
        pass
    return runner, session


TWO_STEPS = (Reply(tools=[("weather", {"city": "Paris"})]), Reply("It is sunny."))


@pytest.mark.parametrize("is_streamed", [False, True])
def test_an_agent_with_a_tool(is_streamed: bool, plugin: Any, model: Any, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)
    more = {"run_config": RunConfig(streaming_mode=StreamingMode.SSE)} if is_streamed else {}
    asyncio.run(ask(forecaster(model), plugin, **more))
    assert seen.one_task() == ("forecaster", ["completed"])
    assert seen.actions() == {"weather": ["completed"]}
    first, second = seen.calls()
    assert (first["name"], first["model"]) == ("forecaster", "gemini-3-2026")
    assert (first["tokens_in"], first["tokens_out"]) == (100, 20)
    assert (first["metadata"]["cache_read"], first["metadata"]["reasoning"]) == (40, 5)
    assert (first["response_preview"], second["response_preview"]) == ("→ weather", "It is sunny.")
    assert seen.events("task_started")[0]["project_id"] == "my-project"


def test_a_failing_tool(plugin: Any, model: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("weather", {"city": "Atlantis"})]))
    with pytest.raises(ValueError, match="no such city"):
        asyncio.run(ask(forecaster(model), plugin))
    assert seen.one_task() == ("forecaster", ["failed"])
    assert seen.actions() == {"weather": ["failed"]}


def test_a_failing_model(plugin: Any, model: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(status=400))
    with pytest.raises(Exception, match="400"):
        asyncio.run(ask(forecaster(model), plugin))
    assert seen.one_task() == ("forecaster", ["failed"])
    assert "400" in seen.calls()[0]["metadata"]["error"]


def test_a_hand_off(plugin: Any, model: Any, models: Provider, seen: Any) -> None:
    billing = LlmAgent(name="billing", model=model, description="Bills.")
    front = LlmAgent(name="front", model=model, sub_agents=[billing])
    models.script(Reply(tools=[("transfer_to_agent", {"agent_name": "billing"})]), Reply("Paid."))
    asyncio.run(ask(front, plugin))
    assert seen.one_task() == ("front", ["completed"])
    told = seen.actions()
    assert told["handoff:front→billing"] == ["completed"]
    assert any(path.endswith("billing") and "handoff" not in path.rpartition(" > ")[2] for path in told), told


def test_an_agent_as_a_tool(plugin: Any, model: Any, models: Provider, seen: Any) -> None:
    boss = LlmAgent(name="boss", model=model, tools=[AgentTool(forecaster(model))])
    models.script(Reply(tools=[("forecaster", {"request": "Paris?"})]), *TWO_STEPS, Reply("All is well."))
    asyncio.run(ask(boss, plugin))
    assert seen.one_task() == ("boss", ["completed"])
    assert len(seen.calls()) == 4
    assert any(path.endswith("forecaster > weather") for path in seen.actions()), seen.actions()


def test_a_confirmation_waits_and_goes_on(plugin: Any, model: Any, models: Provider, seen: Any) -> None:
    def pay(euros: int) -> str:
        """Pay."""
        return f"paid {euros}"

    models.script(Reply(tools=[("pay", {"euros": 900})]), Reply("waiting"))

    async def go() -> None:
        agent = forecaster(model, FunctionTool(pay, require_confirmation=True))
        runner, session = await ask(agent, plugin)
        assert "approval_requested" in seen.kinds()
        assert seen.tasks().popitem()[1] == []
        await ask(agent, runner=runner, session=session, text="go on")

    asyncio.run(go())
    assert seen.one_task() == ("forecaster", ["completed"])
    assert "approval_received" in seen.kinds()
    assert "task_failed" not in seen.kinds()


def test_two_runs_at_once(plugin: Any, model: Any, models: Provider, seen: Any) -> None:
    async def both() -> None:
        await asyncio.gather(*(ask(forecaster(model), plugin) for _ in range(4)))

    asyncio.run(both())
    told = seen.tasks()
    assert set(map(tuple, told.values())) == {("completed",)}
    assert len(told) == 4


def test_inside_of_a_task_of_the_programs(hb: Any, plugin: Any, model: Any, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)

    async def go() -> None:
        async with hb.agent("own", heartbeat_interval=0).task("t-1"):
            await ask(forecaster(model), plugin)

    asyncio.run(go())
    assert seen.tasks() == {"own/t-1": ["completed"]}
    assert set(seen.actions()) == {"forecaster", "forecaster > weather"}


def test_a_cancelled_run(plugin: Any, model: Any, models: Provider, seen: Any) -> None:
    models.script(Reply("late", seconds=4))

    async def go() -> None:
        run = asyncio.create_task(ask(forecaster(model), plugin))
        await asyncio.sleep(0.6)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    asyncio.run(go())
    assert seen.one_task() == ("forecaster", ["cancelled"])


def test_with_the_clients_hook_each_call_is_told_once(
    genai_on: None, plugin: Any, model: Any, models: Provider, seen: Any
) -> None:
    models.script(*TWO_STEPS)
    asyncio.run(ask(forecaster(model), plugin))
    assert [call["name"] for call in seen.calls()] == ["forecaster", "forecaster"]


def test_switched_on_for_everything_and_off_again(hb: Any, model: Any, models: Provider, seen: Any) -> None:
    integration.install(hb)
    models.script(*TWO_STEPS)

    async def go() -> None:
        await ask(forecaster(model))
        assert seen.one_task() == ("forecaster", ["completed"])
        integration.uninstall()
        await ask(forecaster(model))

    asyncio.run(go())
    assert len(seen.tasks()) == 1
