"""CrewAI on a provider on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from crewai import LLM, Agent, Crew, Process, Task
from crewai.flow.flow import Flow, listen, start
from crewai.flow.human_feedback import human_feedback
from crewai.tools import tool
from loopback import Provider, Reply

import hiveloop
from hiveloop.integrations import crewai as integration
from hiveloop.integrations import openai as openai_integration
from hiveloop.integrations.crewai import CrewAICallback


@tool("weather")
def weather(city: str) -> str:
    """Tell the weather."""
    if city == "Atlantis":
        raise ValueError("no such city")
    return f"sunny in {city}"


@pytest.fixture(autouse=True)
def off() -> Iterator[None]:
    yield
    integration.uninstall()


@pytest.fixture
def callback(hb: hiveloop.HiveBoard) -> CrewAICallback:
    return CrewAICallback(hb, project="my-project")


@pytest.fixture
def llm(models: Provider) -> LLM:
    return LLM(model="openai/gpt-5", base_url=f"{models.url}/v1", api_key="sk-loopback", max_retries=0)


def forecaster(llm: LLM, **more: Any) -> Agent:
    return Agent(role="forecaster", goal="tell the weather", backstory="knows", llm=llm, tools=[weather], **more)


def crew_of(llm: LLM, **more: Any) -> Crew:
    agent = forecaster(llm)
    task = Task(name="forecast", description="How is it in Paris?", expected_output="a sentence", agent=agent)
    return Crew(name="met-office", agents=[agent], tasks=[task], **more)


TWO_STEPS = (Reply(tools=[("weather", {"city": "Paris"})]), Reply("It is sunny."))


@pytest.mark.parametrize("way", ["kickoff", "kickoff_async", "akickoff"])
def test_a_crew_with_a_tool(way: str, callback: Any, llm: LLM, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)
    crew = crew_of(llm)
    if way == "kickoff":
        crew.kickoff()
    else:
        asyncio.run(getattr(crew, way)())
    assert seen.one_task() == ("met-office", ["completed"])
    assert seen.actions() == {
        "forecast": ["completed"],
        "forecast > forecaster": ["completed"],
        "forecast > forecaster > weather": ["completed"],
    }
    first, second = seen.calls()
    assert (first["name"], first["model"]) == ("forecaster", "gpt-5")
    assert (first["tokens_in"], first["tokens_out"]) == (100, 20)
    assert first["metadata"]["cache_read"] == 40
    assert second["response_preview"] == "It is sunny."
    (start_event,) = seen.events("task_started")
    assert start_event["project_id"] == "my-project"


def test_the_printed_block(server: Any, seen: Any, llm: LLM, models: Provider) -> None:
    models.script(*TWO_STEPS)
    made = forecaster(llm)
    tasks = [Task(name="forecast", description="Paris?", expected_output="a sentence", agent=made)]
    hb = hiveloop.init(api_key="hb_live_0123456789abcdef0123456789abcdef", endpoint=server.url)
    callback = CrewAICallback(hb, project="my-project")
    crew = Crew(agents=[made], tasks=tasks, callbacks=[callback])
    crew.kickoff()
    assert seen.one_task() == ("worker", ["completed"])
    assert len(seen.calls()) == 2


def test_inside_of_a_task_of_the_programs(hb: Any, callback: Any, llm: LLM, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)
    with hb.agent("own", heartbeat_interval=0).task("t-1"):
        crew_of(llm).kickoff()
    assert seen.tasks() == {"own/t-1": ["completed"]}
    assert "met-office > forecast > forecaster > weather" in seen.actions()


def test_a_failing_tool_is_told_once(callback: Any, llm: LLM, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("weather", {"city": "Atlantis"})]), Reply("I cannot know."))
    crew_of(llm).kickoff()
    assert seen.one_task() == ("met-office", ["completed"])
    assert seen.actions()["forecast > forecaster > weather"] == ["failed"]


def test_a_failing_model(callback: Any, llm: LLM, models: Provider, seen: Any) -> None:
    models.script(*[Reply(status=500)] * 10)
    with pytest.raises(Exception, match="500"):
        crew_of(llm).kickoff()
    assert seen.one_task() == ("met-office", ["failed"])
    calls = seen.calls()
    assert calls
    assert all("error" in call["metadata"] for call in calls)
    assert len(calls) == len(models.requests)


def test_streaming(callback: Any, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)
    llm = LLM(model="openai/gpt-5", base_url=f"{models.url}/v1", api_key="sk-loopback", stream=True)
    crew_of(llm).kickoff()
    assert seen.one_task() == ("met-office", ["completed"])
    assert len(seen.calls()) == 2


def test_parallel_tasks(callback: Any, llm: LLM, models: Provider, seen: Any) -> None:
    agents = [forecaster(llm), forecaster(llm)]
    tasks = [
        Task(name=f"t-{i}", description="Paris?", expected_output="x", agent=agent, async_execution=i == 0)
        for i, agent in enumerate(agents)
    ]
    Crew(name="pair", agents=agents, tasks=tasks, process=Process.sequential).kickoff()
    assert seen.one_task() == ("pair", ["completed"])
    assert len(seen.calls()) == 2
    assert set(seen.actions()) == {"t-0", "t-0 > forecaster", "t-1", "t-1 > forecaster"}


def test_two_crews_at_once(callback: Any, llm: LLM, models: Provider, seen: Any) -> None:
    async def both() -> None:
        await asyncio.gather(*(crew_of(llm).kickoff_async() for _ in range(3)))

    asyncio.run(both())
    told = seen.tasks()
    assert set(map(tuple, told.values())) == {("completed",)}
    assert len(told) == 3
    per_task = [event["task_id"] for event in seen.events("custom")]
    assert sorted(per_task) == sorted(key.split("/")[1] for key in told)


def test_delegation_is_a_hand_off(callback: Any, llm: LLM, models: Provider, seen: Any) -> None:
    boss = Agent(role="boss", goal="delegate", backstory="b", llm=llm, allow_delegation=True)
    worker = forecaster(llm)
    args = {"task": "weather in Paris", "context": "none", "coworker": "forecaster"}
    models.script(Reply(tools=[("delegate_work_to_coworker", args)]), Reply("It is sunny."), Reply("Sunny, he says."))
    task = Task(name="ask", description="How is Paris?", expected_output="x", agent=boss)
    Crew(name="office", agents=[boss, worker], tasks=[task]).kickoff()
    told = seen.actions()
    assert any("handoff:boss→forecaster" in path for path in told), told
    assert any(path.endswith("> forecaster") for path in told), told


def test_a_flow_with_a_crew_inside(callback: Any, llm: LLM, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)

    class Morning(Flow):  # type: ignore[type-arg]
        @start()
        def fetch(self) -> str:
            return str(crew_of(llm).kickoff())

        @listen(fetch)
        def publish(self, text: str) -> str:
            return text

    Morning().kickoff()
    assert seen.one_task() == ("Morning", ["completed"])
    told = seen.actions()
    assert told["publish"] == ["completed"]
    assert told["fetch > met-office > forecast > forecaster > weather"] == ["completed"]


def test_a_person_is_waited_for(callback: Any, monkeypatch: pytest.MonkeyPatch, seen: Any) -> None:
    monkeypatch.setattr("builtins.input", lambda *_: "looks good")

    class Letter(Flow):  # type: ignore[type-arg]
        @start()
        @human_feedback(message="Send it?")
        def write(self) -> str:
            return "Dear Ada"

    Letter().kickoff()
    assert seen.one_task() == ("Letter", ["completed"])
    (asked,) = seen.events("approval_requested")
    assert asked["payload"]["summary"] == "Send it?"
    (answered,) = seen.events("approval_received")
    assert answered["payload"]["data"]["decision"] == "approved"


def test_with_the_clients_hook_each_call_is_told_once(
    hb: Any, callback: Any, llm: LLM, models: Provider, seen: Any
) -> None:
    openai_integration.install(hb)
    try:
        models.script(*TWO_STEPS)
        crew_of(llm).kickoff()
    finally:
        openai_integration.uninstall()
    assert [call["name"] for call in seen.calls()] == ["forecaster", "forecaster"]


def test_switched_off_nothing_is_told(callback: Any, llm: LLM, models: Provider, seen: Any) -> None:
    integration.uninstall()
    crew_of(llm).kickoff()
    assert seen.events() == []


def test_a_second_callback_takes_the_firsts_place(hb: Any, callback: Any, llm: LLM, models: Any, seen: Any) -> None:
    CrewAICallback(hb, project="other")
    crew_of(llm).kickoff()
    (start_event,) = seen.events("task_started")
    assert start_event["project_id"] == "other"
